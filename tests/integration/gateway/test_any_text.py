"""No text, number or depth breaks the gateway: whatever is sent is taken or refused with a sentence."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from temporalio.testing import TimeSkipper

from domain.vocabulary import ids
from gateway.json_bodies import MAX_DEPTH, decoded
from starter.contract.examples import ORDER, REQUEST, TRANSFER
from tests.integration.gateway.conftest import Gate
from tests.integration.gateway.serving import NOWHERE, app_with
from tests.integration.gateway.test_orders import customer, started
from tests.integration.gateway.test_payments import PATH, signature
from tests.shop import FakeShop, OrderInHand

HALF = "\\ud83d"  # as a client writes it that cuts an emoji in two
ODD_TEXTS = [HALF, "\\ude00", "ok \\ud83d\\ud83d", "\\u0000", "\\u001b[31m", "\\u2028", "\\uffff", "\\u202e", "𠮷" * 10]


def nested(depth: int, kind: str) -> str:
    return {"list": "[" * depth + "]" * depth, "object": '{"a":' * depth + "1" + "}" * depth}[kind]


def odd_values() -> Iterator[str]:
    """JSON that somebody may send in the place of any value."""
    yield from (f'"{text}"' for text in ODD_TEXTS)
    yield from (nested(depth, kind) for depth in (MAX_DEPTH + 1, 256, 300, 10_000) for kind in ("list", "object"))
    yield from ("1e999", "-1e400", "1" * 5_000, "0." + "1" * 5_000, "NaN", "Infinity", '"1E-20000"', "1e-20000")
    yield from ("null", "true", "[]", "{}", '{"a": 1, "a": 2}')


IDS = ("event_id", "customer_id", "task_id")
FIELDS = ("text", "note", "reason", "email", "amount", "words", "image_key", "x")


# Where a value can stand in a body: in each field, and in the parts that only one route reads.
IN_IDS, IN_FIELDS = ["{" + ", ".join(f'"{field}": VALUE' for field in fields) + "}" for fields in (IDS, FIELDS)]
IN_AN_ORDER = json.dumps(REQUEST).replace('"pictures"', '"x": VALUE, "pictures"')
IN_A_FIRST_EVENT = '{"customer_id": "wang", "event": {"type": "send_message", "payload": {"x": VALUE}}}'
IN_PICTURES = '{"customer_id": "wang", "pictures": [VALUE], "reason": "?", "words": "?"}'
SHAPES = {
    "/api/orders": [IN_IDS, IN_FIELDS, IN_AN_ORDER, IN_A_FIRST_EVENT, IN_PICTURES],
    "/api/dispatches": [IN_IDS, IN_FIELDS, IN_PICTURES],
    "/api/pictures/find": [IN_IDS, IN_FIELDS, IN_PICTURES],
}


def odd_bodies(path: str) -> Iterator[bytes]:
    """Whole bodies: an odd value wherever the route reads one, an odd text as a key, and what is no JSON at all."""
    for shape in SHAPES.get(path, [IN_IDS, IN_FIELDS]):
        yield from (shape.replace("VALUE", value).encode() for value in odd_values())
    for text in ODD_TEXTS:
        yield f'{{"{text}": "1", "customer_id": "wang", "event_id": "{text}", "reason": "x", "words": "x"}}'.encode()
    yield from (b"\xff", b'{"text": "\xed\xa0\xbd"}', b"\xef\xbb\xbf{}", '{"text": "好"}'.encode("utf-16"), b"{", b"\0")


def posts() -> list[str]:
    """The paths of all routes that take JSON."""
    names = {"order_id": ORDER, "customer_id": "wang", "dispatch": TRANSFER}
    return sorted(
        path.format(**names)
        for path, methods in app_with(**NOWHERE).openapi()["paths"].items()
        if "application/json" in methods.get("post", {}).get("requestBody", {}).get("content", {}) and path != PATH
    )


@pytest.fixture
async def a_worker(temporal_env: TimeSkipper) -> AsyncIterator[FakeShop]:
    async with FakeShop(temporal_env).open() as shop:
        yield shop


def is_understood(answer: httpx.Response) -> bool:
    """Whether it was taken, or refused with a sentence for whoever sent it."""
    assert answer.status_code < 500, f"{answer.request.url}: {answer.text}"
    return answer.is_success or bool(answer.json()["detail"])


@pytest.mark.parametrize("path", posts())
async def test_no_body_breaks_a_route(gate: Gate, a_worker: FakeShop, path: str) -> None:
    for body in odd_bodies(path):
        answer = await gate.bot.post(path, content=body, headers={"content-type": "application/json"})
        assert is_understood(answer)


@pytest.mark.parametrize("kind", ["payment.received", "refund.recorded"])
async def test_no_signed_body_is_refused_for_ever(gate: Gate, kind: str) -> None:
    for value in odd_values():
        for field in ("reason", "payment_id", "refund_id", "amount", "currency", "order_id", "customer_id", "x"):
            body = f'{{"type": "{kind}", "data": {{"customer_id": "{customer()}", "{field}": {value}}}}}'.encode()
            answer = await gate.nobody.post(PATH, content=body, headers=signature(body, uuid.uuid4().hex))
            assert answer.status_code == 202, f"{body[:200]!r}: {answer.text}"


async def test_half_a_character_costs_a_customer_no_more_than_itself(gate: Gate, a_worker: FakeShop) -> None:
    order_id = await started(gate)
    body = f'{{"event_id": "m-1", "text": "背景换成白色{HALF}"}}'.encode()
    path = f"/api/orders/{order_id}/events/customer_message"
    answer = await gate.bot.post(path, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 202, answer.text
    order = OrderInHand(a_worker, order_id)
    heard = await order.until(lambda o: [line for line in o.journal if line.what == "customer_said"])
    assert "背景换成白色\ufffd" in [line.facts.get("text") for line in heard.journal]


@pytest.mark.parametrize("field", ["event_id", "task_id"])
async def test_an_id_that_was_broken_on_its_way_is_refused(gate: Gate, field: str) -> None:
    for text in (HALF, "\\u0000", "a\\nb", "\\u202e"):
        body = f'{{"{field}": "{text}", "text": "在吗", "requirement": "白底"}}'.encode()
        path = f"/api/orders/{ORDER}/events/requirement_added"
        answer = await gate.bot.post(path, content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")


def test_the_deepest_that_is_taken_and_the_least_that_is_not() -> None:
    assert decoded(nested(MAX_DEPTH, "list").encode()) is not None
    with pytest.raises(Exception, match=r"nested too deeply \(at most 32 levels"):
        decoded(nested(MAX_DEPTH + 1, "object").encode())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec=None)), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(json_values)
def test_whatever_json_says_can_be_written_as_utf_8_afterwards(value: Any) -> None:
    assert json.dumps(decoded(json.dumps(value).encode()), ensure_ascii=False).encode()


ODD_PARTS = ["%ed%a0%bd", "%ff", "%00", "%0a%1b[31m", "%2e%2e", "%2F", "%25", "%f0%9f", "a" * 5_000, "%e2%80%a8"]


@pytest.mark.parametrize("part", ODD_PARTS)
@pytest.mark.parametrize(
    "path",
    [
        "/{}", "/api/orders/{}", "/api/customers/{}/orders", "/api/customers/wang/orders?acc_id={}",
        "/api/customers/wang/orders?cursor={}", "/api/customers/wang/orders?{}=1", "/api/dispatches/{}",
        "/api/pictures/find/{}", "/d/{}/1.png", "/d/x/{}", "/docs/{}", "/healthz?{}",
    ],
)  # fmt: skip
async def test_no_path_or_query_breaks_a_route(gate: Gate, path: str, part: str) -> None:
    assert (await gate.bot.get(path.format(part))).status_code < 500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80).map(lambda raw: bytes(byte for byte in raw if byte > 31 and byte != 127).strip()))
async def test_no_header_breaks_a_route(gate: Gate, garbage: bytes) -> None:
    names = (b"idempotency-key", b"accept", b"accept-language", b"content-type", b"cookie", b"last-event-id", b"host")
    headers = [(name, garbage) for name in names if name != b"host" or garbage]
    for path in ("/healthz", f"/api/orders/{ORDER}/events", "/d/x/1.png", "/docs/"):
        assert (await gate.bot.get(path, headers=headers)).status_code < 500
    assert (await gate.bot.post("/api/orders", content=b"{}", headers=headers)).status_code < 500


def form(head: bytes, data: bytes = b"x", boundary: bytes = b"b") -> bytes:
    return b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n--" + boundary + b"--\r\n"


DISPOSITION = b"content-disposition: form-data; name=file; filename="
FORMS = {
    "a name that is no UTF-8": form(DISPOSITION + b'"\xff\xed\xa0\xbd.jpg"'),
    "a name with a NUL": form(DISPOSITION + b'"a\0b.jpg"'),
    "a long name": form(DISPOSITION + b'"' + b"a" * 20_000 + b'"'),
    "a path as a name": form(DISPOSITION + b'"../../etc/passwd"'),
    "an odd encoded name": form(b"content-disposition: form-data; name=file; filename*=x''%ff%00"),
    "a field that is no UTF-8": form(b'content-disposition: form-data; name="\xff\xed\xa0\xbd"', b"\xff"),
    "no name": form(b"content-disposition: form-data"),
    "no disposition": form(b"content-type: image/jpeg"),
    "another boundary": form(DISPOSITION + b'"a.jpg"', boundary=b"other"),
    "cut off": form(DISPOSITION + b'"a.jpg"')[:-8],
    "two files": form(DISPOSITION + b'"a.jpg"')[:-5] + form(DISPOSITION + b'"b.jpg"'),
    "nothing": b"",
    "no form": b"\xff" * 100,
}


# Starlette leaves a part that was cut off to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data; boundary=b", "multipart/form-data", "multipart/form-data; boundary=b; charset=nonsense",
     "multipart/mixed; boundary=b", "application/x-www-form-urlencoded", "image/jpeg", "\xff"],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_refused_with_how_to_send_one(
    gate: Gate, name: str, content_type: str
) -> None:
    headers = [(b"content-type", content_type.encode("latin-1"))]
    answer = await gate.bot.post("/api/uploads", content=FORMS[name], headers=headers)
    assert answer.status_code in {400, 422}, answer.text
    told = answer.json()["detail"]
    assert "send" in told.lower(), told


async def test_two_long_webhook_ids_stay_two(gate: Gate) -> None:
    who = customer()
    body = json.dumps({"type": "payment.received", "data": {"customer_id": who, "amount": "1"}}).encode()
    answers = []
    for end in "ab":
        headers = signature(body, "w" * 300 + end)
        answers.append((await gate.nobody.post(PATH, content=body, headers=headers)).json()["event_id"])
    assert answers == [ids.bounded("w" * 300 + end) for end in "ab"]
    assert len({*answers}) == 2


@pytest.mark.parametrize("timestamp", ["{}.0", "{}.5", "{}e0", "+{}", "nan", "inf", "", "1e9", "٣", "-{}"])
async def test_a_timestamp_is_a_whole_number_of_seconds(gate: Gate, timestamp: str) -> None:
    body = b'{"type": "payment.pending", "data": {}}'
    headers = signature(body, "w")
    odd = timestamp.format(headers["webhook-timestamp"])
    raw = [(name.encode(), value.encode()) for name, value in (headers | {"webhook-timestamp": odd}).items()]
    answer = await gate.nobody.post(PATH, content=body, headers=raw)
    assert answer.status_code == 401
