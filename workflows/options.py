"""Task queues, timeouts, retry policies and priorities of the activities, by name."""

from datetime import timedelta
from enum import IntEnum
from typing import TypedDict

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityCancellationType

from domain.order.lineup import LOCAL
from domain.order.order import Order
from domain.order.picture import Choice
from domain.vocabulary.errors import ModelAnswerUnusable, OutsideRefused, OutsideUnavailable

ORDERS = "orders"  # workflows and quick I/O
IMAGES = "images"  # steps on pictures that mostly wait, for a model or a download
PIXELS = "pixels"  # steps that keep an imaging process busy: the packaged networks make the picture
STAFF = "staff"  # messages to staff, a few a minute

# Permanent error classes arrive as non-retryable (activities/failures.py); only exceptions are listed here.
DEFAULT_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))
# No deadline and no limit: hours without a worker, Postgres or storage must not fail a picture. activities/failures.py
# gives up on an unavailable model after a number of attempts.
ANALYSIS_RETRY = RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=2))
PRODUCE_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(minutes=2),
    non_retryable_error_types=[ModelAnswerUnusable.__name__],  # paid for: the next one counts as an attempt
)


class Options(TypedDict, total=False):
    """Options of an activity."""

    task_queue: str
    start_to_close_timeout: timedelta
    schedule_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


REPORT = Options(
    start_to_close_timeout=timedelta(minutes=10), heartbeat_timeout=timedelta(seconds=30), retry_policy=DEFAULT_RETRY
)
FIND = Options(start_to_close_timeout=timedelta(seconds=30), retry_policy=DEFAULT_RETRY)
KEEP = Options(start_to_close_timeout=timedelta(seconds=30), retry_policy=DEFAULT_RETRY)
# Activities with outside effects are waited for when cancelled: a result may be paid for, an e-mail already sent.
AWAIT_CANCELLATION = ActivityCancellationType.WAIT_CANCELLATION_COMPLETED
EXAMINE = Options(
    task_queue=IMAGES,
    start_to_close_timeout=timedelta(minutes=5),
    heartbeat_timeout=timedelta(seconds=10),
    retry_policy=ANALYSIS_RETRY,
)
PRODUCE = Options(
    task_queue=IMAGES,
    start_to_close_timeout=timedelta(minutes=25),  # ten to make it, which production.py keeps to, and CHECK's
    heartbeat_timeout=timedelta(seconds=10),
    cancellation_type=AWAIT_CANCELLATION,
    retry_policy=PRODUCE_RETRY,
)
# Only for results that `produce` made and could not check: it failed, or was called off.
CHECK = Options(
    task_queue=IMAGES,
    start_to_close_timeout=timedelta(minutes=15),  # four results, each scored within three minutes
    heartbeat_timeout=timedelta(seconds=10),
    cancellation_type=AWAIT_CANCELLATION,
    retry_policy=ANALYSIS_RETRY,
)
MAIL = Options(
    start_to_close_timeout=timedelta(seconds=90),
    heartbeat_timeout=timedelta(seconds=10),
    cancellation_type=AWAIT_CANCELLATION,
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5),  # then staff are told
)
MAIL_IN_TROUBLE = MAIL | Options(
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=30), maximum_interval=timedelta(minutes=5)),
)
# Each attempt uses up one of the few messages a minute, so a failing robot is retried less and less often.
TELL_STAFF = Options(
    task_queue=STAFF,
    start_to_close_timeout=timedelta(seconds=30),
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=3), maximum_interval=timedelta(minutes=10)),
)
# A night's upkeep must end before the next one: what cannot be done in this time is left to it, and staff are told.
UPKEEP = Options(
    start_to_close_timeout=timedelta(minutes=10),
    schedule_to_close_timeout=timedelta(hours=2),
    heartbeat_timeout=timedelta(seconds=30),
    retry_policy=DEFAULT_RETRY,
)
TELL_STAFF_TONIGHT = TELL_STAFF | Options(schedule_to_close_timeout=timedelta(hours=6))


# Cancelled calls to the dispatch system are waited for: closing a task requires knowing whether it was created.
DISPATCH = Options(
    start_to_close_timeout=timedelta(minutes=1),
    heartbeat_timeout=timedelta(seconds=10),
    cancellation_type=AWAIT_CANCELLATION,
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=1), maximum_attempts=5),  # then staff are told
)
DISPATCH_IN_TROUBLE = DISPATCH | Options(
    retry_policy=RetryPolicy(initial_interval=timedelta(seconds=30), maximum_interval=timedelta(minutes=5))
)
# A waiting activity sets its own next retry. It fails when the outside system does, so that staff can be told.
RETRY_UNTIL_OUTAGE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(minutes=1),
    non_retryable_error_types=[OutsideUnavailable.__name__, OutsideRefused.__name__],
)
WATCH = Options(start_to_close_timeout=timedelta(seconds=30), retry_policy=RETRY_UNTIL_OUTAGE)
DISPATCH_PATIENTLY = DISPATCH | Options(retry_policy=RETRY_UNTIL_OUTAGE)


class Step(IntEnum):
    """How far from the customer the result of a step on a picture is: the nearest goes first."""

    RESULT = 0  # it is made, and is checked before it is shown
    MAKING = 1
    FIRST_LOOK = 2


UNPAID_LOOK = 5  # the last of Temporal's priorities: the first look at a picture of an unpaid order
FAIRNESS_KEY_BYTES = 64  # the server takes no more


def queue_for(choice: Choice | None) -> Options:
    """Return the queue for making a picture with a model: the packaged networks have one of their own."""
    return Options(task_queue=PIXELS if choice and choice.provider == LOCAL else IMAGES)


def priority(order: Order, step: Step = Step.RESULT) -> Priority:
    """Return the priority of an order's step: high-value first, then paid, then unpaid; shops share fairly.

    A step that is one further from the customer counts as much as an order that is one less urgent.
    """
    urgency = 1 if order.high_value else 2 if order.paid_at else 3
    shop = order.acc_id.encode()[:FAIRNESS_KEY_BYTES].decode(errors="ignore")
    return Priority(priority_key=urgency + step, fairness_key=shop or None)
