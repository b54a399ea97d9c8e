"""What the history of an order costs, from its picture until the customer has the files: counted, not timed."""

import os
from collections.abc import Sequence

from temporalio.api.history.v1 import HistoryEvent

from benchmarks import event_log
from benchmarks.figures import Figure
from benchmarks.own_worker import Watch, own_worker
from benchmarks.playing import Darkroom, each, new_orders, site, told
from benchmarks.running import Benchmark, run
from benchmarks.scale import Scale
from domain.vocabulary import ids
from domain.vocabulary.status import Status
from starter.client import TemporalConnection
from starter.codec import keys_from
from workflows import options

EVENTS, KILOBYTES, ACTIONS = 50, 12.0, 14


async def measure(_size: Scale) -> list[Figure]:
    """Return what one order costs."""
    async with site() as place:
        env = place.stack.env
        keys = keys_from("benchmark:" + os.urandom(32).hex())
        client = await TemporalConnection(
            env["TEMPORAL_ADDRESS"], env["TEMPORAL_NAMESPACE"], payload_keys=keys
        ).connect()
        watch, shop, (order,) = Watch(), Darkroom(client), new_orders(1)
        async with own_worker(place, client, watch):
            await shop.start(order)
            await each(place, [order], Status.PENDING, shop.pay)
            await each(place, [order], Status.AWAITING_CONFIRM, shop.accept)
            await each(place, [order], Status.COMPLETED)
            await told(client, order, staff=False)
            handle = client.get_workflow_handle(ids.workflow_id(order.order_id))
            events = list((await handle.fetch_history()).events)
    return figures_of(until_told(events), watch.heartbeats)


def figures_of(events: Sequence[HistoryEvent], heartbeats: int) -> list[Figure]:
    """Return the figures of these events."""
    return [
        Figure("history of an order, events", len(events), "", EVENTS),
        Figure("history of an order, workflow tasks", event_log.workflow_tasks(events), ""),
        Figure("history of an order, with a codec", event_log.size(events) / 1024, "KB", KILOBYTES),
        Figure("history of an order, actions of Temporal Cloud", event_log.actions(events, heartbeats), "", ACTIONS),
    ]


def until_told(events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """Return the events until the customer has been told that the files are sent; what staff are told comes later."""
    of_staff = {
        event.event_id
        for event in events
        if event_log.kind(event) == "activity_task_scheduled"
        and event.activity_task_scheduled_event_attributes.task_queue.name == options.STAFF
    }
    ended = [
        event.event_id
        for event in events
        if event_log.kind(event) == "activity_task_completed"
        and event.activity_task_completed_event_attributes.scheduled_event_id not in of_staff
    ]
    return [event for event in events if event.event_id <= ended[-1]]


BENCHMARK = Benchmark("history", measure, minutes=3)

if __name__ == "__main__":
    run(BENCHMARK)
