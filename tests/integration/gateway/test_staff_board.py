"""The staff board over HTTP: who may open it, how staff sign in, and what its pages and forms refuse."""

import html
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapters.db.records import PostgresRecords
from domain.order.order import Order
from gateway.staff_board.parts import ROUTERS
from runtime import wiring
from runtime.paths import ROOT
from tests.integration.adapters.db.orders import finished_order
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import signed_in

HTML = {"Accept": "text/html", "Accept-Language": "en"}
ORDER: Order = finished_order()
PAGE = f"/staff/orders/{ORDER.order_id}"
PATHS = [
    "/staff/",
    "/staff/orders",
    "/staff/dashboard",
    "/staff/dashboard?days=nonsense",
    "/staff/settings",
    "/staff/sessions",
    PAGE,
]


def token_of(gate: Gate, role: Any = "staff", name: str = "小王") -> str:
    return wiring.tokens(gate.settings).issue(uuid.uuid4(), "", 1, role, name)


@pytest.fixture(scope="module", autouse=True)
async def orders(gate: Gate) -> None:
    engine = wiring.engine(gate.settings)
    await PostgresRecords(engine).save(ORDER)
    await engine.dispose()


@pytest.fixture
async def staff(gate: Gate) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of a staff member."""
    headers = {**HTML, "Cookie": await signed_in(gate.url, token_of(gate)), "Origin": gate.url}
    async with httpx.AsyncClient(base_url=gate.url, headers=headers, timeout=30) as client:
        yield client


async def form_of(staff: httpx.AsyncClient, action: str) -> dict[str, str]:
    """The fields of an action's form, as the page gives them."""
    page = (await staff.get(f"/staff/orders/{ORDER.order_id}")).raise_for_status().text
    form = page.partition(f"/actions/{action}")[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def test_nobody_but_staff_opens_any_page_of_the_board(gate: Gate) -> None:
    routes = [route for router in ROUTERS for route in router.routes]
    open_to_all = {"/staff/session", "/staff/static/{version}/{name}"}
    tried = 0
    for route in routes:
        path = (
            str(getattr(route, "path", ""))
            .replace("{order_id}", ORDER.order_id)
            .replace("{action}", "resume")
            .replace("{view_id}", str(uuid.uuid4()))
        )
        if path in open_to_all:
            continue
        for method in getattr(route, "methods", ()):
            for token in (
                "nonsense",
                token_of(gate, "user"),
                gate.bot.headers["Authorization"].removeprefix("Bearer "),
            ):
                for headers in ({"Authorization": f"Bearer {token}"}, {"Cookie": f"darkroom_staff={token}"}):
                    answer = await gate.nobody.request(method, path, headers=headers)
                    assert answer.status_code == 401, (method, path)
                    tried += 1
    assert tried > 30


async def test_a_person_who_is_not_signed_in_is_led_to_the_sign_in_and_back(gate: Gate) -> None:
    asked = await gate.nobody.get("/staff/orders?status=failed", headers=HTML)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/staff/session?next=/staff/orders%3Fstatus%3Dfailed",
    )
    page = await gate.nobody.get(asked.headers["location"], headers=HTML)
    assert "Staff sign-in" in page.text
    assert 'value="/staff/orders?status=failed"' in page.text


async def test_a_staff_member_signs_in_and_out(gate: Gate, staff: httpx.AsyncClient) -> None:
    own, token = HTML | {"Origin": gate.url}, token_of(gate)
    answer = await gate.nobody.post("/staff/session", data={"token": token, "next": "/staff/orders"}, headers=own)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/orders")
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["set-cookie"].split("; "))
    gate.nobody.cookies.clear()
    refused = await gate.nobody.post("/staff/session", data={"token": token_of(gate, "user")}, headers=own)
    assert (refused.status_code, "not accepted" in refused.text) == (401, True)
    foreign = await gate.nobody.post(
        "/staff/session", data={"token": token}, headers={"Origin": "https://elsewhere.example"}
    )
    assert foreign.status_code == 403
    out = await staff.post("/staff/session/end", data={"csrf": (await form_of(staff, "resend"))["csrf"]})
    assert (out.status_code, "Max-Age=0" in out.headers["set-cookie"]) == (303, True)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/history/",
        "/staff/\\elsewhere",
        "/staff/session?next=/",
        "x",
    ],
)
async def test_the_sign_in_leads_nowhere_else(gate: Gate, staff: httpx.AsyncClient, elsewhere: str) -> None:
    answer = await staff.get("/staff/session", params={"next": elsewhere})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("path", PATHS)
async def test_each_page_says_whose_turn_it_is_in_both_languages(
    staff: httpx.AsyncClient, path: str, language: str
) -> None:
    page = await staff.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    assert f'lang="{"zh-CN" if language == "zh" else "en"}"' in page.text
    assert "小王" in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]


async def test_a_word_of_a_customer_is_text_and_never_markup(gate: Gate, staff: httpx.AsyncClient) -> None:
    engine = wiring.engine(gate.settings)
    order = finished_order()
    order.order_id, order.customer_name = "ORDER_20261122_XSSXSS", "<script>alert(1)</script>"
    order.pictures[0].task_id = "TASK_20261122_XSSXSS_1"
    order.journal = [entry.model_copy(update={"event_id": f"x-{entry.serial}"}) for entry in order.journal]
    await PostgresRecords(engine).save(order)
    await engine.dispose()
    for path in ("/staff/orders", f"/staff/orders/{order.order_id}"):
        page = (await staff.get(path)).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


async def test_an_unknown_order_is_told_on_a_page(staff: httpx.AsyncClient) -> None:
    page = await staff.get("/staff/orders/ORDER_20261122_AAAAAA")
    assert (page.status_code, "No such order" in page.text) == (404, True)


async def test_filters_that_are_not_understood_are_named(staff: httpx.AsyncClient) -> None:
    assert "not understood and have no effect: status" in (await staff.get("/staff/orders?status=nonsense")).text


@pytest.mark.parametrize("wrong", [{"csrf": "0" * 64}, {"csrf": ""}])
async def test_an_action_that_our_page_did_not_send_is_refused(staff: httpx.AsyncClient, wrong: dict[str, str]) -> None:
    form = await form_of(staff, "resend") | {"reason": "x"} | wrong
    assert (await staff.post(f"{PAGE}/actions/resend", data=form)).status_code == 403


async def test_an_action_from_another_site_is_refused(staff: httpx.AsyncClient) -> None:
    form = await form_of(staff, "resend") | {"reason": "x"}
    headers = {"Origin": "https://elsewhere.example"}
    assert (await staff.post(f"{PAGE}/actions/resend", data=form, headers=headers)).status_code == 403


async def test_a_value_that_is_not_understood_is_told_and_what_was_typed_is_kept(staff: httpx.AsyncClient) -> None:
    form = await form_of(staff, "change_address") | {"reason": "客户改邮箱", "email": "wang@"}
    answer = await staff.post(f"{PAGE}/actions/change_address", data=form)
    assert answer.status_code == 422
    assert "was not done" in answer.text
    assert 'value="wang@"' in answer.text
    assert 'value="客户改邮箱"' in answer.text


async def test_an_action_on_an_order_that_is_closed_is_told(staff: httpx.AsyncClient) -> None:
    form = await form_of(staff, "resend") | {"reason": "x"}  # it is in the tables, and Temporal does not know it
    answer = await staff.post(f"{PAGE}/actions/resend", data=form)
    assert (answer.status_code, "was not done: The order is closed" in answer.text) == (409, True)
    assert (await staff.post("/staff/orders/ORDER_20261122_AAAAAA/actions/resend", data=form)).status_code == 404


async def test_an_unknown_action_is_refused(staff: httpx.AsyncClient) -> None:
    form = await form_of(staff, "resend") | {"reason": "x"}
    assert (await staff.post(f"{PAGE}/actions/dance", data=form)).status_code == 422


@pytest.mark.parametrize("action", ["mark_paid", "cancel", "fix_price"])
async def test_what_is_for_one_order_is_refused_for_several(staff: httpx.AsyncClient, action: str) -> None:
    form = {"csrf": (await form_of(staff, "resend"))["csrf"], "order": ORDER.order_id}
    assert (await staff.post(f"/staff/bulk/{action}", data=form)).status_code == 422


async def test_a_bulk_action_tells_what_will_happen_and_what_did(staff: httpx.AsyncClient) -> None:
    csrf = (await form_of(staff, "resend"))["csrf"]
    asked = {"csrf": csrf, "order": [ORDER.order_id, "ORDER_20261122_AAAAAA"]}
    page = (await staff.post("/staff/bulk/resend", data=asked)).raise_for_status().text
    assert ("will be done" in page, "is closed or unknown" in page) == (True, True)
    plan = re.findall(r'name="plan" value="([^"]*)"', page)
    assert plan == [f"{ORDER.order_id} {ORDER.version} "]
    confirmed = {"csrf": csrf, "act_id": str(uuid.uuid4()), "plan": plan, "reason": "x"}
    done = (await staff.post("/staff/bulk/resend/confirmed", data=confirmed)).raise_for_status().text
    assert "is closed or unknown" in done  # it is in the tables, and Temporal does not know it


@pytest.mark.parametrize("plan", ["", "x", "ORDER_20261122_7K3F9Q", "ORDER_20261122_7K3F9Q one", "a 1 " + "b" * 600])
async def test_a_plan_that_our_page_did_not_write_is_refused(staff: httpx.AsyncClient, plan: str) -> None:
    csrf = (await form_of(staff, "resend"))["csrf"]
    form = {"csrf": csrf, "act_id": str(uuid.uuid4()), "plan": plan, "reason": "x"}
    assert (await staff.post("/staff/bulk/resend/confirmed", data=form)).status_code == 422


async def test_a_finished_file_is_stored_for_staff_alone(gate: Gate, staff: httpx.AsyncClient) -> None:
    png = (ROOT / "demo" / "photos" / "chelsea.png").read_bytes()
    csrf = (await form_of(staff, "resend"))["csrf"]
    refused = await gate.nobody.post("/staff/uploads", files={"file": png}, headers={"X-CSRF-Token": csrf})
    assert refused.status_code == 401
    assert (await staff.post("/staff/uploads", files={"file": png})).status_code == 403
    stored = await staff.post("/staff/uploads", files={"file": png}, headers={"X-CSRF-Token": csrf})
    assert stored.json()["image_key"].endswith(".png")
    text = await staff.post("/staff/uploads", files={"file": b"words"}, headers={"X-CSRF-Token": csrf})
    assert text.status_code == 422


async def test_a_view_is_saved_shown_with_its_count_and_deleted(staff: httpx.AsyncClient) -> None:
    csrf = (await form_of(staff, "resend"))["csrf"]
    saved = await staff.post("/staff/views", data={"csrf": csrf, "name": "做好的", "query": "status=completed&x=1"})
    assert (saved.status_code, saved.headers["location"]) == (303, "/staff/orders?status=completed")
    page = (await staff.get(saved.headers["location"])).text
    view = re.search(r'action="/staff/views/([0-9a-f-]+)/delete"', page)
    assert view
    assert re.search(r"做好的 <b>[1-9]", page)
    assert (await staff.post(f"/staff/views/{view[1]}/delete", data={"csrf": csrf})).status_code == 303
    assert "做好的" not in (await staff.get("/staff/orders")).text


@pytest.mark.parametrize("form", [{"name": " ", "query": "status=failed"}, {"name": "x", "query": "status=nonsense"}])
async def test_a_view_without_a_name_or_a_filter_is_refused(staff: httpx.AsyncClient, form: dict[str, str]) -> None:
    form = {"csrf": (await form_of(staff, "resend"))["csrf"]} | form
    assert (await staff.post("/staff/views", data=form)).status_code == 422


async def test_settings_are_compared_saved_and_brought_back(staff: httpx.AsyncClient) -> None:
    csrf = (await form_of(staff, "resend"))["csrf"]
    asked = {"csrf": csrf, "normal.minimum": "19", "normal.maximum": "25.50", "quality_threshold": "80"}
    compared = (await staff.post("/staff/settings/what-if", data=asked)).raise_for_status().text
    assert "If this had applied for the last 30 days" in compared
    assert 'value="25.50"' in compared  # what was typed is kept
    document = html.unescape(re.findall(r'name="document" value="([^"]*)"', compared)[0])
    saving = {"csrf": csrf, "document": document, "seen_version": "0", "reason": "涨价"}
    assert (await staff.post("/staff/settings/save", data=saving)).status_code == 303
    late = await staff.post("/staff/settings/save", data=saving)
    assert (late.status_code, "The settings have changed" in late.text) == (409, True)
    page = (await staff.get("/staff/settings")).text
    assert ("涨价" in page, 'value="19"' in page) == (True, True)
    again = {"csrf": csrf, "document": "{}", "seen_version": "1", "reason": "回去"}
    assert (await staff.post("/staff/settings/save", data=again)).status_code == 303
    page = (await staff.get("/staff/settings")).text
    assert ('value="19"' in page, "Back to v1" in page) == (False, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("quality_threshold", "very good"),
        ("normal.minimum", "19"),
        ("opens_at", "25"),
        ("payment_reminder_hours", "2,x"),
    ],
)
async def test_a_setting_that_makes_no_sense_is_named_and_kept(
    staff: httpx.AsyncClient, field: str, value: str
) -> None:
    form = {"csrf": (await form_of(staff, "resend"))["csrf"], field: value}
    refused = await staff.post("/staff/settings/what-if", data=form)
    assert (refused.status_code, 'role="alert"' in refused.text, f'value="{value}"' in refused.text) == (
        422,
        True,
        True,
    )


@pytest.mark.parametrize("document", ["", "[]", '{"timezone": "Mars"}', '{"opens_at": 23}'])
async def test_a_document_that_makes_no_sense_is_refused(staff: httpx.AsyncClient, document: str) -> None:
    form = {"csrf": (await form_of(staff, "resend"))["csrf"], "document": document, "seen_version": "0", "reason": "x"}
    assert (await staff.post("/staff/settings/save", data=form)).status_code == 422
