"""Writes docs/contract.md from the code: what may be sent to an order and asked of it. `make contract`."""

import json
import shlex
from collections.abc import Iterable
from typing import Any

from domain.bounds.limits import LONGEST_WORDS
from domain.designers.dispatch import DispatchRequest
from domain.library.finding import FindRequest, Found
from domain.order.inbox import KEPT_ANSWERS, KEPT_IDS
from domain.order.messages import SIGNALS, UPDATES, Event, OrderRequest
from domain.vocabulary import ids
from domain.vocabulary.status import BEFORE_THE_CUSTOMER
from starter.contract.examples import (
    ANSWERS,
    FIND,
    LATE_EVENT,
    ORDER,
    QUERY_ANSWERS,
    QUERY_EXAMPLES,
    QUESTION,
    REQUEST,
    SEARCH,
    SIGNAL_EXAMPLES,
    UPDATE_EXAMPLES,
)
from starter.contract.fields import table
from starter.routing import ANY_STATUS, ROUTES
from workflows import options
from workflows.dispatch import DispatchWorkflow
from workflows.find_image import FindImageWorkflow
from workflows.late_event import LateEventWorkflow
from workflows.order import OrderWorkflow

DEFINITION = getattr(OrderWorkflow, "__temporal_workflow_definition")  # what its decorators say
OF_EVERY_EVENT = set(Event.model_fields)

PAGE = """\
# The contract of an order

What may be sent to an order and asked of it over Temporal, by a program in any language. This page is made from the
code by `make contract`. Python programs have the same in `starter/orders.py`, people in `darkroom order --help`.

## How an order is reached

| | |
|---|---|
| workflow type | `{workflow}` |
| workflow id | `{workflow_id}`: `order-` and the order's id |
| order's id | `ORDER_`, the day, `_`, and six of `{alphabet}` |
| a picture's id (`task_id`) | `{task_id}` for the first picture, `..._2` for the second |
| task queue | `{queue}` |
| namespace | that of the setting `TEMPORAL_NAMESPACE` |

Name no run id: a long order goes on in a new run under the same workflow id.

## How an order is started

The workflow is given one JSON object. With the id policies below, starting the same order twice changes nothing.

{request_fields}

{request_command}

A request that is none fails the workflow with an error of the type `MalformedRequest`, which names the field.

## What is sent to it: signals

The payload is one JSON object. A signal is never refused: it waits until the order reads it.

- **`event_id`** (text, at most 255 characters) belongs to every payload; the tables leave it out. The sender chooses
  it, and the same one again, in the same kind of signal, changes nothing. Where it says another price, address, wish
  or words, what came first holds, and staff are told. An order remembers the last {kept_ids:,}.
  Without one, each delivery counts as a new event.
- **Whatever cannot be read is on record**: a payload that is no such object, a field of a wrong type, a signal of an
  unknown name. It becomes a line of the order's journal, staff are told what is wrong with it, and the order goes on.
- `null` is the same as an absent field, and fields that nobody knows are ignored. A number is taken where text is
  wanted. Free words are cut after {longest:,} characters.
- `task_id` says which picture. An order of one picture needs none.
- `changed_by` and `requested_by` are `staff` (also `员工`, `客服`); everybody else speaks for the customer.
- An order that has closed hears no more: Temporal answers `NOT_FOUND`. [What then](#when-an-order-has-closed).

{signals}

## What is answered at once: updates

An update says what a signal says, with the same fields, and its sender hears what came of it. A malformed one is
refused with an error of the type `MalformedRequest` and leaves no trace. A worker must be running. Use the `event_id`
as the update's id as well, so that a repeat hears the same answer; an order keeps the last {kept_answers}.

{taken}

- `accepted`: whether it was done.
- `reason`: why not, as a phrase of `phrases.toml` with its values.
- `reply`: what the customer is to be told, as such phrases. The order does not say it itself: whoever asked does.
  Without a reply the bot answers by itself.
- `is_sent`: true where nobody needs to answer: links to the finished files go out as a message of ours, or the words
  that came within `WORDS_PAUSE_SECONDS` are answered for these as well.
- `act`: what followed from a customer's words: `mail`, `accept`, `round`, `ask_back`, `ask_what`, `note`,
  `tell_staff` or `nothing`. After `nothing` a bot that understands more may send the exact signal, such as
  `revision_requested`.

A refusal looks like this:

{refused}

{updates}

## What can be asked of it: queries

A worker must be running, also for an order that has closed.

{queries}

## When the order's id is not known

Over Temporal every event goes to an order by its id. Where only the customer is known, `order_of_customer` of
`starter/routing.py` finds the newest of their open orders that waits for such an event. Of two that began at the same
moment none is chosen, and the sender is asked which is meant. All other events must name their order.

| event | goes to the newest order that is |
|---|---|
{routes}

## When an order has closed

Nothing that was sent is lost. An event that no open order can hear goes to a workflow of its own, which puts it on
record and tells staff.

{late_command}

## What designers are asked without an order

A question to human designers (这个能做吗) is a workflow of its own. Its customer is told that a designer looks at it,
and then what they say and made. The sender chooses its `task_id`, and the workflow's id is `dispatch-` and that.

{question_fields}

{question_command}

It hears [`designer_finished`](#designer_finished), where `notes` alone will do, and
[`cancel_requested`](#cancel_requested); its query `dispatch` returns it whole. A picture that designers have is such a
workflow too, `{dispatch_id}`, with `-2` and so on for later ones. Send to the order what is meant for
its picture: it tells the dispatch by itself.

## How a picture is looked for

A search (查找图片) is a workflow of its own as well. The sender chooses its id, which begins with `find-`. It is given
a picture, words or tags, and searches the photo library: pictures that staff have shared, and the asker's own, which
are those of the same `customer_id` and `acc_id`. Where it finds nothing, a designer is asked, by a question as above.

{search_fields}

{search_command}

Its result is one JSON object. What is no search fails it with an error of the type `MalformedRequest`.

{found_fields}
"""
OF_AN_ORDER = {
    "order_id",
    "number",
    "shown_key",
    "operation",
    "wishes",
    "designer",
    "news",
}  # in what starts a dispatch


def page() -> str:
    """Return the whole page."""
    return PAGE.format(
        workflow=DEFINITION.name,
        workflow_id=ids.workflow_id(ORDER),
        alphabet=ids.ALPHABET,
        task_id=ids.task_id(ORDER, 1),
        queue=options.ORDERS,
        request_fields=table(OrderRequest),
        request_command=_start(DEFINITION.name, ids.workflow_id(ORDER), REQUEST),
        kept_ids=KEPT_IDS,
        kept_answers=KEPT_ANSWERS,
        longest=LONGEST_WORDS,
        signals="\n\n".join(map(_signal, SIGNALS)),
        taken=_json(ANSWERS["taken"]),
        refused=_json(ANSWERS["refused"]),
        updates="\n\n".join(map(_update, UPDATES)),
        queries="\n\n".join(map(_query, QUERY_ANSWERS)),
        routes="\n".join(map(_route, ROUTES)),
        question_fields=table(DispatchRequest, without=OF_AN_ORDER),
        question_command=_start(DispatchWorkflow.__name__, ids.dispatch_id(QUESTION["task_id"]), QUESTION),
        dispatch_id=ids.dispatch_id(ids.task_id(ORDER, 1)),
        search_fields=table(FindRequest),
        search_command=_start(FindImageWorkflow.__name__, ids.find_workflow_id(FIND), SEARCH),
        found_fields=table(Found),
        late_command=_start(LateEventWorkflow.__name__, f"late-{ORDER}-customer_message-msg-111", LATE_EVENT),
    )


def _signal(name: str) -> str:
    kind, example = SIGNALS[name], SIGNAL_EXAMPLES[name]
    fields = table(kind, without=OF_EVERY_EVENT)
    return _section(name, str(kind.__doc__), fields, _json(example), _send("signal", {"name": name}, example))


def _update(name: str) -> str:
    says, example = UPDATES[name], UPDATE_EXAMPLES[name]
    about = f"{DEFINITION.updates[name].description} Its fields are those of [`{says}`](#{says})."
    return _section(name, about, _send("update execute", {"name": name, "update-id": example["event_id"]}, example))


def _query(name: str) -> str:
    about = f"{DEFINITION.queries[name].description} {QUERY_ANSWERS[name]}"
    asked = {"input": json.dumps(QUERY_EXAMPLES[name])} if name in QUERY_EXAMPLES else {}
    return _section(name, about, _command("query", {"workflow-id": ids.workflow_id(ORDER), "type": name, **asked}))


def _route(name: str) -> str:
    if ROUTES[name] is ANY_STATUS:
        return f"| `{name}` | {_either(BEFORE_THE_CUSTOMER)}; else not finished; else in after-care |"
    return f"| `{name}` | {_either(ROUTES[name])} |"


def _either(statuses: Iterable[str]) -> str:
    return " or ".join(f"`{status}`" for status in statuses)


def _section(name: str, *parts: str) -> str:
    return "\n\n".join([f"### `{name}`", *parts])


def _start(kind: str, workflow_id: str, payload: dict[str, Any]) -> str:
    policies = {"id-conflict-policy": "UseExisting", "id-reuse-policy": "RejectDuplicate"}
    named = {"type": kind, "task-queue": options.ORDERS, "workflow-id": workflow_id}
    return _command("start", named | policies | _input(payload))


def _send(verb: str, named: dict[str, str], payload: dict[str, Any]) -> str:
    return _command(verb, {"workflow-id": ids.workflow_id(ORDER)} | named | _input(payload))


def _input(payload: dict[str, Any]) -> dict[str, str]:
    return {"input": json.dumps(payload, ensure_ascii=False)}


def _command(verb: str, flags: dict[str, str]) -> str:
    lines = [f"temporal workflow {verb}", *(f"--{flag} {shlex.quote(value)}" for flag, value in flags.items())]
    return "```\n{}\n```".format(" \\\n  ".join(lines))


def _json(payload: dict[str, Any]) -> str:
    return f"```json\n{json.dumps(payload, ensure_ascii=False, indent=2)}\n```"


if __name__ == "__main__":
    print(page(), end="")
