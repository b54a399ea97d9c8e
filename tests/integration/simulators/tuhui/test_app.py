"""The simulator of the dispatch system Tuhui: what it takes, what it refuses, and what it still knows after a kill."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.simulators.tuhui.calls import Desk
from tests.integration.simulators_fixtures import encoded, photograph, running_simulators


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A Tuhui of this module's own."""
    with running_simulators(tmp_path_factory.mktemp("tuhui")) as running:
        yield Desk(running)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Desk]:
    """A Tuhui of this test's own, in which nothing has happened."""
    with running_simulators(tmp_path) as running:
        yield Desk(running)


@pytest.mark.parametrize("key", ["", "another"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/online/designers"), ("GET", "/tasks/t1"), ("POST", "/tasks")])
def test_without_the_key_nothing_is_told_or_done(desk: Desk, method: str, path: str, key: str) -> None:
    assert desk.api(method, path, {"task_name": "n"}, key).status_code == 401
    assert desk.simulators.ledger("tuhui")[-1]["kind"] == "refused"


def test_the_usual_designers_are_there_and_nothing_waits(fresh: Desk) -> None:
    assert fresh.api("GET", "/online/designers").json() == ["橘子", "婷婷"]
    assert fresh.queue() == {
        "pending_tasks": {"count": 0, "tasks": []},
        "online_designers": {"count": 2, "designers": ["橘子", "婷婷"]},
        "suggestion": "橘子",
    }


def test_a_task_waits_in_the_queue_until_somebody_has_it(desk: Desk) -> None:
    task = desk.create("订单 T_7\n原因: 三次没过")
    assert re.fullmatch("[0-9a-f]{8}", task)
    assert task in desk.waiting()
    assert [one["description"] for one in desk.queue()["pending_tasks"]["tasks"] if one["task_id"] == task] == [
        "订单 T_7\n原因: 三次没过"
    ]
    assert desk.assign(task, "婷婷", "AI 客服自动派单").is_success
    assert task not in desk.waiting()
    told = desk.task(task)
    assert (told["status"], told["assigned_to"], told["task_name"]) == ("assigned", "婷婷", "图片处理-0001")
    assert [note["text"] for note in told["notes"]] == ["AI 客服自动派单"]
    assert "result_url" not in told
    created, assigned = desk.simulators.ledger("tuhui", task_id=task)
    assert (created["kind"], created["fault"], created["about"]) == ("create", None, "订单 T_7")
    assert (assigned["kind"], assigned["designer"], assigned["about"]) == ("assign", "婷婷", "订单 T_7")


def test_who_asks_twice_gets_two_tasks(desk: Desk) -> None:
    assert desk.create("订单 T_2") != desk.create("订单 T_2")


def test_the_suggestion_is_who_is_there_and_has_least_to_do(fresh: Desk) -> None:
    fresh.given()
    assert fresh.queue()["suggestion"] == "婷婷"
    fresh.designer("婷婷", online=False)
    assert (fresh.queue()["suggestion"], fresh.api("GET", "/online/designers").json()) == ("橘子", ["橘子"])
    fresh.designer("橘子", online=False)
    assert (fresh.queue()["suggestion"], fresh.api("GET", "/online/designers").json()) == (None, [])
    assert fresh.designer("小美", mode="ignores") == {
        "name": "小美",
        "online": True,
        "mode": "ignores",
        "open_tasks": 0,
    }
    assert fresh.queue()["suggestion"] == "小美"
    listed = fresh.simulators.get("tuhui/designers").json()
    assert [(one["name"], one["online"], one["mode"], one["open_tasks"]) for one in listed] == [
        ("橘子", False, "by_hand", 1), ("婷婷", False, "by_hand", 0), ("小美", True, "ignores", 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [None, [], {}, {"task_name": ""}, {"task_name": "n", "priority": 0}, {"task_name": "n", "description": 7}]
)
def test_a_task_that_is_none_is_refused(desk: Desk, body: Any) -> None:
    before = desk.waiting()
    assert desk.api("POST", "/tasks", body).status_code == 422
    assert desk.waiting() == before


def test_what_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk.api("GET", "/tasks/00000000").status_code == 404
    assert desk.assign("00000000").status_code == 404
    assert desk.end("complete", "00000000") == 404
    assert desk.assign(desk.create(), "谁").status_code == 422
    assert desk.api("POST", f"/tasks/{desk.create()}/assign", {}).status_code == 422


@pytest.mark.parametrize(("how", "status"), [("complete", "completed"), ("cancel", "cancelled")])
def test_what_the_shop_has_ended_stays_ended(desk: Desk, how: str, status: str) -> None:
    task = desk.given()
    assert desk.end(how, task, "订单已取消") == 200
    assert (desk.task(task)["status"], desk.task(task)["notes"][-1]["text"]) == (status, "订单已取消")
    assert desk.assign(task).status_code == 409
    assert [desk.end(again, task) for again in ("complete", "cancel")] == [409, 409]
    assert desk.desk(f"{task}/accept").status_code == 409
    assert desk.kinds(task) == ["create", "assign", how, "refused", "refused", "refused"]


def test_a_task_that_nobody_has_can_be_ended_and_leaves_the_queue(desk: Desk) -> None:
    task = desk.create()
    assert desk.end("cancel", task) == 200
    assert task not in desk.waiting()


def test_what_a_designer_has_finished_may_be_wanted_again_and_is_closed_by_the_shop_alone(desk: Desk) -> None:
    task = desk.given()
    picture = {"picture": ("成品.png", encoded(photograph()))}
    assert desk.desk(f"{task}/finish", files=picture).is_success
    first = desk.task(task)["result_url"]
    assert desk.assign(task, "橘子", "客户要求修改: 再亮一点").is_success
    told = desk.task(task)
    assert (told["status"], told.get("result_url")) == ("assigned", None), "the old picture is not the one wanted"
    assert desk.desk(f"{task}/finish", files=picture).is_success
    assert desk.task(task)["result_url"] != first
    assert desk.end("complete", task, "客户已确认,效果满意") == 200
    assert (desk.task(task)["status"], desk.assign(task).status_code) == ("completed", 409)


def test_new_notes_for_who_is_at_it_do_not_take_it_from_them(desk: Desk) -> None:
    task = desk.given()
    assert desk.desk(f"{task}/accept").is_success
    desk.assign(task, "橘子", "也把背景换掉")
    assert desk.task(task)["status"] == "accepted"
    desk.assign(task, "婷婷", "橘子没空")
    told = desk.task(task)
    assert (told["status"], told["assigned_to"], told["accepted_at"]) == ("assigned", "婷婷", None)


def test_a_kill_forgets_nothing(tmp_path: Path) -> None:
    with running_simulators(tmp_path) as running:
        first = Desk(running)
        waiting, given, done, gone = first.create(), first.given(), first.given(), first.given()
        first.desk(f"{given}/accept")
        first.desk(f"{done}/finish", files={"picture": encoded(photograph())})
        first.end("cancel", gone, "订单已取消")
        first.designer("婷婷", online=False, mode="diligent", seconds=7)
        before = [first.task(task) for task in (waiting, given, done, gone)]
        running.end(signal.SIGKILL)
    with running_simulators(tmp_path) as running:
        second = Desk(running)
        after = [second.task(task) for task in (waiting, given, done, gone)]
        path = "/tuhui/files/"
        assert after[2].pop("result_url").partition(path)[2] == before[2].pop("result_url").partition(path)[2]
        assert after == before
        assert second.waiting() == [waiting]
        assert second.simulators.get("tuhui/designers").json()[1] == {
            "name": "婷婷", "online": False, "mode": "diligent", "open_tasks": 0
        }  # fmt: skip
