import re

import pytest

from domain.vocabulary import ids
from tests.unit.domain.making import NOW, ORDER_ID


def test_an_order_id_holds_the_day_and_six_letters_that_people_do_not_mix_up() -> None:
    order = ids.order_id(NOW, bytes(range(6)))
    assert order == "ORDER_20261122_234567"
    assert set("01IO").isdisjoint(ids.ALPHABET)


def test_every_byte_makes_an_id_that_is_read_back() -> None:
    for byte in range(256):
        order = ids.order_id(NOW, bytes([byte] * 6))
        assert ids.order_of(ids.workflow_id(order)) == order


def test_tasks_and_calls_are_named_after_their_order() -> None:
    task = ids.task_id(ORDER_ID, 2)
    assert task == "TASK_20261122_7K3F9Q_2"
    assert ids.call_id(task, 3, 1) == "TASK_20261122_7K3F9Q_2-A3.1"


@pytest.mark.parametrize("wrong", ["", "ORDER_1", "order-" + ORDER_ID, ORDER_ID + "\n", "ORDER_20261122_7K3F9O"])
def test_what_is_no_order_id_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"invalid order id .* \(expected e\.g\. ORDER_"):
        ids.workflow_id(wrong)


@pytest.mark.parametrize(
    ("named", "dispatch"),
    [
        ("TASK_20261122_7K3F9Q_1", "dispatch-TASK_20261122_7K3F9Q_1"),
        ("TASK_20261122_7K3F9Q_12-3", "dispatch-TASK_20261122_7K3F9Q_12-3"),
        ("dispatch-TRANSFER_20261122_7K3F9Q", "dispatch-TRANSFER_20261122_7K3F9Q"),
    ],
)
def test_a_dispatch_is_named_by_its_task(named: str, dispatch: str) -> None:
    assert ids.dispatch_named(named) == dispatch


@pytest.mark.parametrize("wrong", ["", ORDER_ID, "TASK_20261122_7K3F9Q", "TASK_20261122_7K3F9Q_1-", "TRANSFER_"])
def test_what_names_no_dispatch_is_refused_with_an_example(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"invalid dispatch .* \(expected e\.g\. TASK_"):
        ids.dispatch_named(wrong)


@pytest.mark.parametrize("owner", ["u1", "王小明", "../../etc", "a/b", "..", "", "a b\n", "wang@example.com"])
def test_a_folder_stays_within_its_place_whoever_owns_it(owner: str) -> None:
    folder = ids.folder(owner, "TASK_1")
    assert re.fullmatch(r"task-history/[^/\s]+/TASK_1", folder)
    assert ".." not in folder.split("/")


@pytest.mark.parametrize("owner", ["u1", "王小明", "../../etc", ""])
def test_a_finished_file_leads_back_to_its_order(owner: str) -> None:
    folder = ids.folder(owner, ids.task_id(ORDER_ID, 12))
    assert ids.order_of_file(f"{folder}/attempt-3-generated.png") == ORDER_ID
    assert ids.order_of_file(f"{folder}/attempt-3-2-generated.png") == ORDER_ID  # the second of an attempt's results
    plain = f"{folder}/attempt-3-plain-generated.png"  # without the visible label
    assert (ids.order_of_file(plain), ids.preview_of(plain)) == (ORDER_ID, f"{folder}/attempt-3-preview.jpg")


@pytest.mark.parametrize(
    "key",
    [
        "task-history/u1/TASK_20261122_7K3F9Q_1/attempt-1-preview.jpg",
        "task-history/u1/TASK_20261122_7K3F9Q_1/attempt-1-view.png",
        "task-history/u1/TASK_20261122_7K3F9Q_1/attempt-1.png",
        "task-history/u1/TASK_20261122_7K3F9Q_1/original.png",
        "task-history/u1/TASK_20261122_7K3F9O_1/attempt-1-generated.png",
        "uploads/TASK_20261122_7K3F9Q_1/attempt-1-generated.png",
        "task-history/u1/TASK_20261122_7K3F9Q_1/attempt-1-generated.png\n",
        "",
    ],
)
def test_no_other_file_tells_of_an_order(key: str) -> None:
    assert ids.order_of_file(key) is None


@pytest.mark.parametrize("spelled", ["{}", "order-{}", " {}\n", "ORDER-{}"])
def test_an_order_is_known_however_people_spell_its_id(spelled: str) -> None:
    for name in (spelled.format(ORDER_ID), spelled.format(ORDER_ID).lower()):
        assert ids.order_named(name) == ORDER_ID


@pytest.mark.parametrize("name", ["", "12345 of the platform", "order-", "TASK_20261122_7K3F9Q_1"])
def test_what_names_no_order_stays_as_it_is(name: str) -> None:
    assert ids.order_named(name) == name


@pytest.mark.parametrize("twin", [ORDER_ID, f"Order-{ORDER_ID}", f"order-order-{ORDER_ID}", f"order_{ORDER_ID}"])
def test_a_workflow_under_another_id_is_no_order(twin: str) -> None:
    assert ids.order_of(ids.workflow_id(ORDER_ID)) == ORDER_ID
    with pytest.raises(ValueError, match="order"):
        ids.order_of(twin)


@pytest.mark.parametrize(("kind", "is_look"), [("analysis", True), ("score", True), ("image", False)])
def test_the_id_of_a_call_tells_whether_it_only_looks_at_images(kind: str, is_look: bool) -> None:
    task = ids.task_id(ORDER_ID, 1)
    call = ids.call_id(task, 1, 1) if kind == "image" else ids.look_id(task, kind, "run.1.1", "a/b.jpg")
    assert ids.is_look(call) is is_look
