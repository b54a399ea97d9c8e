"""The designers' desk of the simulated Tuhui: pictures handed in by hand, drawn, or by diligent designers."""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.http_server import serving
from tests.integration.simulators.tuhui.calls import FORM, Desk
from tests.integration.simulators_fixtures import NO_TLS, encoded, free_port, photograph, running_simulators


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_simulators(tmp_path_factory.mktemp("desk")) as running:
        yield Desk(running)


@pytest.fixture
def link(desk: Desk) -> str:
    """A picture on the web: one that was handed in for another task."""
    return uploaded(desk, encoded(photograph(), "JPEG"))


def uploaded(desk: Desk, data: bytes) -> str:
    task = desk.given()
    assert desk.desk(f"{task}/finish", files={"picture": data}).is_success
    return str(desk.task(task)["result_url"])


def opened(desk: Desk, url: str) -> Image.Image:
    answer = httpx.get(url, verify=NO_TLS)
    assert answer.is_success
    return Image.open(io.BytesIO(answer.content))


def test_a_picture_that_is_handed_in_is_served_as_it_was(desk: Desk) -> None:
    data = encoded(photograph())
    answer = httpx.get(uploaded(desk, data), verify=NO_TLS)
    assert (answer.content, answer.headers["content-type"]) == (data, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    finished = desk.simulators.ledger("tuhui", kind="finish")[-1]
    assert (finished["size"], finished["designer"], finished["by"]) == (len(data), "橘子", "desk")


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", encoded(photograph())[:2000], encoded(photograph(), "GIF")],
    ids=["0", "page", "cut", "gif"],
)
def test_what_is_no_picture_is_refused_in_words(desk: Desk, data: bytes) -> None:
    task = desk.given()
    answer = desk.desk(f"{task}/finish", files={"picture": ("a.png", data)})
    assert answer.status_code == 400
    assert "图片" in answer.json()["error"]
    assert desk.task(task)["status"] == "assigned"


def test_a_picture_that_is_too_large_is_refused(desk: Desk) -> None:
    task = desk.given()
    many = Image.new("1", (20_000, 6_000))
    assert desk.desk(f"{task}/finish", files={"picture": encoded(many)}).status_code == 413
    assert desk.desk(f"{task}/finish", files={"picture": b"\x89PNG" + bytes(41_000_000)}).status_code == 413


def test_only_who_has_a_task_can_accept_or_finish_it(desk: Desk) -> None:
    task = desk.create()
    assert [desk.desk(f"{task}/{what}").status_code for what in ("accept", "finish")] == [409, 409]
    assert desk.desk("00000000/accept").status_code == 404
    desk.assign(task)
    assert [desk.desk(f"{task}/accept").json()["status"] for _ in range(2)] == ["accepted", "accepted"]
    assert desk.kinds(task) == ["create", "assign", "accept"], "to accept it twice is nothing new"


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_without_a_file_the_picture_of_the_task_is_retouched(desk: Desk, kind: str) -> None:
    original = photograph()
    link = uploaded(desk, encoded(original, kind))
    task = desk.given(f"订单 T_1\n客户: 王 https://shop.example/wang\n原图: {link}")
    assert desk.desk(f"{task}/finish").is_success
    drawn = opened(desk, desk.task(task)["result_url"])
    assert (drawn.format, drawn.size) == (kind, (2048, 1365))
    reduced = drawn.convert("RGB").resize(original.size)
    difference = np.abs(np.asarray(reduced).astype(int) - np.asarray(original))
    assert difference.mean() > 4, "everybody sees that something was done"
    assert difference.max() > 100, "the stroke of the brush"


def test_a_cut_out_stays_transparent(desk: Desk) -> None:
    picture = photograph().convert("RGBA")
    picture.putalpha(Image.new("L", picture.size, 0))
    task = desk.given(f"原图: {uploaded(desk, encoded(picture))}")
    desk.desk(f"{task}/finish")
    drawn = opened(desk, desk.task(task)["result_url"])
    assert (drawn.mode, drawn.getpixel((140, 5))[3]) == ("RGBA", 0)  # type: ignore[index]


def test_a_revision_goes_on_with_what_the_customer_was_shown(desk: Desk, link: str) -> None:
    shown = Image.new("RGB", photograph().size, (10, 20, 200))
    task = desk.given(f"原图: {link}\n目前效果: {uploaded(desk, encoded(shown))}")
    desk.desk(f"{task}/finish")
    first = opened(desk, desk.task(task)["result_url"])
    assert np.asarray(first.convert("RGB"))[0, 0, 2] > 180
    desk.assign(task, "橘子", "再改")
    desk.desk(f"{task}/finish")
    assert opened(desk, desk.task(task)["result_url"]).tobytes() != first.tobytes(), "each round is another picture"


def test_a_picture_that_cannot_be_had_is_told(desk: Desk) -> None:
    for description, status in (
        ("订单 T_1", 400),
        (f"原图: http://127.0.0.1:{free_port()}/a.jpg", 502),
        (f"原图: {desk.url}/files/none.jpg", 502),
        (f"原图: {desk.simulators.url}/healthz", 400),
    ):
        task = desk.given(description)
        answer = desk.desk(f"{task}/finish")
        assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
        assert desk.task(task)["status"] == "assigned"


def test_a_form_of_the_page_is_led_back_to_it(desk: Desk) -> None:
    task = desk.given()
    answer = desk.desk(f"{task}/accept", headers=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{desk.url}/")
    again = httpx.post(f"{desk.url}/designers/小雨", data={"online": "false"}, headers=FORM, verify=NO_TLS)
    assert again.status_code == 303
    assert desk.designer("小雨")["online"] is False


@pytest.mark.parametrize(
    ("name", "change"),
    [("橘子", {"mode": "lazy"}), ("橘子", {"seconds": -1}), ("橘子", {"onlin": True}), ("橘" * 51, {"online": True})],
)
def test_a_designer_that_is_none_is_refused(desk: Desk, name: str, change: dict[str, object]) -> None:
    assert httpx.put(f"{desk.url}/designers/{name}", json=change, verify=NO_TLS).status_code == 400


def test_a_diligent_designer_accepts_at_once_and_hands_a_picture_in(desk: Desk, link: str) -> None:
    desk.designer("小勤", mode="diligent", seconds=0.4)
    task = desk.create(f"原图: {link}")
    desk.assign(task, "小勤")
    assert desk.until(task, "accepted", 2)["assigned_to"] == "小勤"
    assert opened(desk, desk.until(task, "submitted")["result_url"]).size == (2048, 1365)
    assert desk.kinds(task) == ["create", "assign", "accept", "finish"]
    desk.assign(task, "小勤", "再亮一点")
    desk.until(task, "submitted")
    assert desk.kinds(task)[4:] == ["assign", "accept", "finish"]


def test_a_diligent_designer_tries_a_picture_again_that_cannot_be_had_yet(desk: Desk) -> None:
    desk.designer("小勤", mode="diligent", seconds=0)
    photo, port = encoded(photograph()), free_port()
    task = desk.create(f"原图: http://127.0.0.1:{port}/a.png")
    desk.assign(task, "小勤")
    desk.until(task, "accepted")
    while "failed" not in desk.kinds(task):
        time.sleep(0.05)
    with serving(lambda *_: (200, photo), port):
        desk.until(task, "submitted")


def test_one_who_ignores_never_accepts_and_one_who_becomes_diligent_does(desk: Desk, link: str) -> None:
    desk.designer("小懒", mode="ignores")
    task = desk.create(f"原图: {link}")
    desk.assign(task, "小懒")
    assert "不会接单" in httpx.get(f"{desk.url}/", verify=NO_TLS).text
    assert desk.task(task)["status"] == "assigned"
    desk.designer("小懒", mode="diligent", seconds=0)
    desk.until(task, "submitted")


def test_a_diligent_designer_goes_on_after_a_restart(tmp_path: Path) -> None:
    with running_simulators(tmp_path) as running:
        first = Desk(running)
        first.designer("橘子", mode="diligent", seconds=1.5)
        task = first.given(f"原图: {uploaded_by_hand(first)}")
        assert first.until(task, "accepted")
    with running_simulators(tmp_path, port=running.port) as running:
        Desk(running).until(task, "submitted")
        assert Desk(running).kinds(task) == ["create", "assign", "accept", "finish"]


def uploaded_by_hand(desk: Desk) -> str:
    task = desk.create()
    desk.assign(task, "婷婷")
    desk.desk(f"{task}/finish", files={"picture": encoded(photograph())})
    return str(desk.task(task)["result_url"])


def test_the_page_shows_who_is_there_and_what_is_to_do_and_escapes_all_of_it(desk: Desk, link: str) -> None:
    task = desk.given(f"订单 T_<b>9</b>\n要求: <script>alert(1)</script>\n原图: {link}")
    answer = httpx.get(f"{desk.url}/", headers=FORM, verify=NO_TLS)
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    page = answer.text
    assert "订单 T_&lt;b&gt;9&lt;/b&gt;" in page
    assert "<script>alert" not in page
    assert f'action="desk/{task}/accept"' in page
    assert f'<img src="{link}"' in page
    assert httpx.get(f"{desk.url}/static/designers.js", verify=NO_TLS).is_success
