"""Plants bugs one at a time and tells after how many worlds each is seen: `python -m tests.simulation.mutants [NAME]`.

A mutant changes one function of the product, in a process of its own. One that is not seen shows a gap in the oracle
or in what the worlds do. Ends with status 1 if any is not seen.
"""

import multiprocessing
import os
import sys
import time

from temporalio import workflow

from activities.delivery import Delivery
from activities.dispatching import Dispatching
from activities.late import LateEvents
from activities.reporting import Reporting
from domain.designers import assignment
from domain.order import inbox as inboxes
from domain.order import staff_acts
from domain.order.inbox import Inbox
from domain.order.messages import PaymentReceived, RefundRecorded
from domain.order.order import Order
from domain.story import deadlines, delivering, handling
from tests.simulation.__main__ import quiet
from tests.simulation.planting import (
    Mutant,
    afterwards,
    always_create,
    async_nothing,
    clear_outbox,
    clock_in_message_id,
    clock_in_notes,
    crash_on,
    deaf,
    double,
    forget_inbox,
    is_over,
    lose_news,
    never,
    nothing,
    only_for_customers,
    raise_given,
    record_twice,
    silent_answer,
    unless,
    with_result,
    without_last_line,
)
from tests.simulation.world import World
from workflows import find_image, late_event
from workflows.contract import OrderContract
from workflows.dispatch import DispatchWorkflow
from workflows.order import OrderWorkflow
from workflows.tasks import Alarm

MOST_WORLDS = 600
PAYMENT, REFUND = PaymentReceived, RefundRecorded
MUTANTS = [
    Mutant("an event id is forgotten", Inbox, "_is_seen", never),
    Mutant("a second message in one task is dropped", Inbox, "put", unless(lambda self, *_: bool(self.waiting))),
    Mutant("a malformed message raises", inboxes, "_unreadable", crash_on(lambda *_: True)),
    Mutant("the inbox is lost in a new run", OrderWorkflow, "continue_as_new_when_long", forget_inbox),
    Mutant("a payment is recorded twice", handling.HANDLERS, PAYMENT, afterwards(record_twice)),  # type: ignore[arg-type]
    Mutant("an amount is added twice", handling.money, "_payment", with_result(double)),
    Mutant("a payment after the end is dropped", handling.HANDLERS, PAYMENT, unless(is_over)),  # type: ignore[arg-type]
    Mutant("a refund after the end is dropped", handling.HANDLERS, REFUND, unless(is_over)),  # type: ignore[arg-type]
    Mutant("a refund is not recorded", handling.HANDLERS, REFUND, nothing),  # type: ignore[arg-type]
    Mutant("the outbox is cleared too early", Order, "mark_told", afterwards(clear_outbox)),
    Mutant("a report lacks its last line", Order, "next_report", with_result(without_last_line)),
    Mutant("a report is not written", Reporting, "report", async_nothing),
    Mutant("the clock is read in a workflow", Order, "note", clock_in_notes),
    Mutant("a deadline is never set", Alarm, "set", nothing),
    Mutant("deadlines pass without effect", deadlines, "expire_due", nothing),
    Mutant("a Message-ID is made of the clock", Delivery, "_letter", clock_in_message_id),
    Mutant("a letter that was sent is not recorded", delivering, "mail_finished", nothing),
    Mutant("a letter that was called off is forgotten", delivering, "mail_cancelled", nothing),
    Mutant("a letter is recorded and never sent", Delivery, "_hand_over", async_nothing),
    Mutant("a letter whose answer was dropped is forgotten", workflow, "patched", never),
    Mutant("staff act on an outdated view", staff_acts, "has_moved_on", never),
    Mutant("an action of staff is not recorded", Order, "note", unless(lambda _self, what, *_: what == "staff_acted")),
    Mutant("an action of staff is answered and not done", OrderContract, "_answer_signal", only_for_customers),
    Mutant("an update is answered and not handled", OrderContract, "_answer", silent_answer),
    Mutant("a task of the designers is created twice", Dispatching, "open", always_create),
    Mutant("a task of the designers is left open", Dispatching, "_end", async_nothing),
    Mutant("a task whose creation got no answer is not looked for", Dispatching, "_find_unanswered", async_nothing),
    Mutant("a dispatch does not hear that it is cancelled", assignment.SIGNALS, "picture_changed", deaf),
    Mutant("a dispatch loses its news for the order", DispatchWorkflow, "tell_order", lose_news),
    Mutant("a search fails where the library refuses it", find_image, "raise_if_cancelled", raise_given),
    Mutant("a late event is not recorded", LateEvents, "keep", async_nothing),
    Mutant("a malformed late event raises", late_event, "_read", crash_on(lambda event: "payload" in event["payload"])),
]


def worlds_until_seen(number: int) -> tuple[int, int | None, float, str]:
    """Return after how many worlds a mutant is seen, None if it is not, with the seconds and the violation."""
    quiet()
    mutant, begun = MUTANTS[number], time.monotonic()
    with mutant.planted():
        for count, seed in enumerate(range(MOST_WORLDS), 1):
            try:
                violation = World(seed).play().violation
            except Exception as error:  # noqa: BLE001 - a bug may break the simulation itself, and is seen by that
                violation = f"{type(error).__name__}: {error}"
            if violation:
                return number, count, time.monotonic() - begun, violation.splitlines()[0]
    return number, None, time.monotonic() - begun, ""


def main(wanted: list[str]) -> int:
    """Print after how many worlds each mutant is seen; return the exit status."""
    chosen = [number for number, one in enumerate(MUTANTS) if not wanted or any(word in one.name for word in wanted)]
    missed: list[str] = []
    with multiprocessing.get_context("fork").Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for number, count, seconds, violation in pool.imap_unordered(worlds_until_seen, chosen):
            seen = f"after {count:3} orders, {seconds:5.1f} s: {violation[:100]}" if count else "NOT SEEN"
            print(f"{MUTANTS[number].name:48} {seen}", flush=True)
            missed += [] if count else [MUTANTS[number].name]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} mutants seen.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
