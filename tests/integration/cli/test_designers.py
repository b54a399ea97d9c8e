"""`darkroom designer ...`, with a dispatch system and without one, where staff find a designer."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from domain.vocabulary import ids
from starter import designers
from starter.failures import NoSuchOrder
from tests.integration.cli.running import darkroom
from tests.integration.orders.conftest import RealShop, eventually


async def shown(shop: RealShop, dispatch: str, **facts: Any) -> dict[str, Any]:
    """Wait until a dispatch is as these facts say; return it as the command shows it."""

    async def look() -> dict[str, Any]:
        with suppress(NoSuchOrder, TimeoutError):  # it is about to begin
            return (await designers.snapshot(shop.client, ids.dispatch_named(dispatch))).model_dump(mode="json")
        return {}

    await eventually(look, lambda state: facts.items() <= state.items())
    state: dict[str, Any] = (await darkroom(shop, "designer", "show", dispatch, "--json")).json
    assert facts.items() <= state.items()
    return state


async def test_a_question_is_given_to_a_designer_whose_picture_is_the_answer(
    real_shop: RealShop, photo: bytes, tmp_path: Path
) -> None:
    real_shop.have_a_worker()
    file = tmp_path / "图.jpg"
    file.write_bytes(photo)
    asked = await darkroom(
        real_shop, "designer", "transfer", str(file), "--customer", "designer-zhao", "--reason", "这个能做吗"
    )
    question = asked.out.strip()
    (told,) = await real_shop.staff_told(question, "新任务派单")
    state = await shown(real_shop, question, is_by_hand=False)
    (task,) = await real_shop.tuhui_tasks(question)
    assert (task["task_id"], task["task_name"]) == (state["dispatch_task_id"], "图片处理-zhao")
    assert "原因: 这个能做吗\n客户: designer-zhao" in task["description"]
    assert f"设计师:{state['designer']}" in told
    await real_shop.designer_finishes(task["task_id"], photo)
    await shown(real_shop, question, is_closed=True, closing="dispatch_answered", outbox=[])
    said = await real_shop.ledger("bot", customer="designer-zhao", repeat="False")
    assert [message["kind"] for message in said] == ["text", "image", "hint"]
    (row,) = await real_shop.rows("SELECT * FROM dispatches WHERE task_id = :id", id=question)
    assert (row["designer"], row["closing"]) == (state["designer"], "dispatch_answered")


async def test_a_question_is_asked_and_answered_with_a_picture_by_hand(
    real_shop: RealShop, photo: bytes, tmp_path: Path
) -> None:
    real_shop.have_no_worker()
    real_shop.start_worker(TUHUI_URL="")
    file = tmp_path / "图.jpg"
    file.write_bytes(photo)
    asked = await darkroom(
        real_shop, "designer", "transfer", str(file), "--customer", "designer-wang", "--reason", "这个能做吗"
    )
    assert asked.status == 0, asked.err
    question = asked.out.strip()
    await shown(real_shop, question, is_by_hand=True)
    words = await darkroom(real_shop, "designer", "show", question)
    assert "Waiting for **somebody to submit the finished picture**" in words.out
    answered = await darkroom(real_shop, "designer", "finish", question, str(file), "--notes", "能做,80元")
    assert answered.status == 0, answered.err
    await shown(real_shop, question, is_closed=True, closing="dispatch_answered", outbox=[])
    said = await real_shop.ledger("bot", customer="designer-wang", repeat="False")
    assert [message["kind"] for message in said] == ["text", "image", "hint"]
    assert said[-1]["fallback_text"] == "设计师说:能做,80元"
    (row,) = await real_shop.rows("SELECT * FROM dispatches WHERE task_id = :id", id=question)
    assert (row["reason"], row["closing"]) == ("这个能做吗", "dispatch_answered")
    assert await real_shop.tuhui_tasks(question) == []
    assert await real_shop.staff_told(question, "新任务,请安排设计师")
    real_shop.kill_worker()


async def test_a_question_that_is_called_off_is_over(real_shop: RealShop) -> None:
    real_shop.have_a_worker()
    asked = await darkroom(real_shop, "designer", "transfer", "--customer", "li", "--reason", "?")
    question = asked.out.strip()
    assert (await darkroom(real_shop, "designer", "cancel", question)).status == 0
    await shown(real_shop, question, is_closed=True)
    late = await darkroom(real_shop, "designer", "finish", question, "--notes", "做好了")
    assert (late.status, "no open dispatch with the id" in late.err) == (3, True)


async def test_what_names_no_dispatch_or_hands_in_nothing_is_wrong_usage(real_shop: RealShop) -> None:
    for words in (("show", "7K3F9Q"), ("finish", "TASK_20261122_7K3F9Q_1")):
        assert (await darkroom(real_shop, "designer", *words)).status == 2
