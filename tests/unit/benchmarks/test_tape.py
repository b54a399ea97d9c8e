"""What is recorded of an order, and how the peer repeats it."""

import pickle
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from temporalio.testing import ActivityEnvironment

from benchmarks import tape
from benchmarks.playing import Order, new_orders
from benchmarks.tape import Tape

RECORDED = Order("ORDER_20261201_AAAAAA", "customer-00000000")
ROOT = Path(__file__).parents[3]


class Books:
    """An adapter."""

    def __init__(self) -> None:
        self.saved: list[Any] = []

    async def save(self, order: list[str]) -> int:
        self.saved.append(order)
        return len(self.saved)


def environment(activity_id: str) -> ActivityEnvironment:
    one = ActivityEnvironment()
    one.info = replace(one.info, activity_id=activity_id)
    return one


async def test_calls_are_recorded_by_activity_and_stage_as_they_were_at_that_moment() -> None:
    recorded = Tape(RECORDED)
    books = tape._recording(Books, "Books", recorded)()
    words = ["quoted"]
    assert await environment("1").run(books.save, words) == 1
    recorded.stages.append({})
    words.append("paid")
    assert await environment("2").run(books.save, words) == 2
    assert books.saved == [words, words]
    assert recorded.stages == [
        {"1": [("Books", "save", (["quoted"],))]},
        {"2": [("Books", "save", (["quoted", "paid"],))]},
    ]
    assert recorded.transactions == 2


def test_an_activity_without_a_transaction_is_a_step_all_the_same() -> None:
    recorded = Tape(RECORDED)
    recorded.begin(environment("7").info)
    assert recorded.stages == [{"7": []}]
    assert recorded.transactions == 0


def test_ids_of_new_orders_are_as_long_as_those_on_the_tape() -> None:
    first, second = new_orders(2)
    assert first != second
    for mine, other in zip((first.order_id, first.customer_id), (RECORDED.order_id, RECORDED.customer_id), strict=True):
        assert len(mine) == len(other)


def test_the_tape_holds_nothing_that_only_the_product_could_read() -> None:
    recorded = Tape(RECORDED, [{"1": [("Books", "save", (["quoted"],))]}])
    order_id, customer_id, stages = pickle.loads(recorded.dump())
    assert (order_id, customer_id) == (RECORDED.order_id, RECORDED.customer_id)
    assert pickle.loads(stages) == [[[("Books", "save", (["quoted"],))]]]


def test_the_peer_is_locked_by_hash_and_without_an_address() -> None:
    lock = (ROOT / "benchmarks" / "peers" / "requirements.txt").read_text()
    entries = re.sub(r"^ *#.*\n", "", lock, flags=re.MULTILINE).replace("\\\n", "").splitlines()
    assert entries
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ]+( ; [^-]+?)?( +--hash=sha256:[0-9a-f]{64})+", entry)
    assert "://" not in lock


def test_the_peer_has_the_versions_of_the_product() -> None:
    pins = [
        dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))
        for lock in ("benchmarks/peers/requirements.txt", "locks/all.txt")
    ]
    common = pins[0].keys() & pins[1].keys()
    assert {"sqlalchemy", "asyncpg", "pydantic"} <= common
    assert {name: pins[0][name] for name in common} == {name: pins[1][name] for name in common}
