"""No field of anything that may be sent is without a limit, and no limit changes what a text says."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import to_json

from domain.bounds import limits
from domain.bounds.limits import Cut
from domain.designers.dispatch import DispatchRequest
from domain.language import exact_address as find_address
from domain.library.finding import FindRequest
from domain.order.inbox import Unreadable, read
from domain.order.messages import SIGNALS, CustomerMessage, ImageReceived, LinkOpened, OrderRequest, ResultSubmitted
from domain.story.opening import open_order
from domain.vocabulary import ids
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.picture_news import PictureNews
from gateway.dispatches import NewQuestion
from gateway.payments import PaymentNotice, RefundNotice

SENT: list[type[BaseModel]] = [
    *SIGNALS.values(), OrderRequest, DispatchRequest, FindRequest, PictureNews, NewQuestion, PaymentNotice,
    RefundNotice,
]  # fmt: skip
NEEDED = {  # any one of these of each kind of value
    "str": {"max_length"},
    "list": {"max_length"},
    "dict": {"max_length"},
    "decimal": {"max_digits"},
    "int": {"le"},
    "float": {"le"},
    "datetime": {"lt", "le"},
}
ENDLESS = {"any", "bytes", "generator", "json", "url", "timedelta", "set", "frozenset"}


def unlimited(schema: Any, place: str, *, is_cut: bool = False) -> Iterator[str]:
    """Where a value may be as long as its sender likes, by the schema that pydantic validates with."""
    if isinstance(schema, Mapping):
        kind = schema.get("type")
        is_cut = is_cut or isinstance(_validator_of(schema), Cut)
        if kind in ENDLESS or (kind in NEEDED and not is_cut and not NEEDED[kind] & set(schema)):
            yield f"{place}: {kind}"
        # what is cut is the value itself, not what it holds
        is_cut = is_cut and kind in {"function-after", "function-before", "function-wrap"}
        inner = schema["fields"] if kind == "model-fields" else {"": [v for v in schema.values() if _holds_more(v)]}
        for name, value in inner.items():
            yield from unlimited(value, f"{place}.{name}".rstrip("."), is_cut=is_cut)
    elif isinstance(schema, list | tuple):
        for one in schema:
            yield from unlimited(one, place, is_cut=is_cut)


def _validator_of(schema: Mapping[str, Any]) -> object:
    function = schema.get("function")
    return function.get("function") if isinstance(function, Mapping) else None


def _holds_more(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


@pytest.mark.parametrize("model", SENT, ids=lambda model: model.__name__)
def test_every_field_of_what_is_sent_has_a_limit(model: type[BaseModel]) -> None:
    assert list(unlimited(model.__pydantic_core_schema__, model.__name__)) == []


class Endless(BaseModel):
    """What the test above must find."""

    text: str
    texts: list[limits.Name]
    many: list[str] = Field(max_length=3)
    facts: dict[str, Any] = Field(max_length=3)
    amount: Decimal = Field(le=5)
    count: int
    words: limits.Words = ""


def test_a_field_without_a_limit_is_found() -> None:
    found = set(unlimited(Endless.__pydantic_core_schema__, "Endless"))
    assert found == {
        "Endless.text: str", "Endless.texts: list", "Endless.many: str", "Endless.facts: str", "Endless.facts: any",
        "Endless.amount: decimal", "Endless.count: int",
    }  # fmt: skip


@pytest.mark.parametrize("model", SENT, ids=lambda model: model.__name__)
def test_nothing_that_is_sent_is_larger_than_a_payload_may_be(model: type[BaseModel]) -> None:
    """The longest a message can be: each field filled to the brim with characters of four bytes."""
    full = {name: _brim(field.annotation, field.metadata) for name, field in model.model_fields.items()}
    texts = {name: value for name, value in full.items() if value}
    assert len(to_json(texts)) < 150_000


def _brim(annotation: Any, metadata: list[Any]) -> str:
    lengths = [one.max_length for one in metadata if hasattr(one, "max_length")]
    lengths += [one.func.after for one in metadata if isinstance(getattr(one, "func", None), Cut)]
    return "😀" * min(lengths) if lengths and annotation in {str, str | None} else ""


@pytest.mark.parametrize(
    "key",
    [
        "../x", "//", "a//b", ".", "..", "/", "", "uploads", "uploads/", "uploads//x", "uploads/./x", "uploads/../x",
        "uploads/x/..", "uploads/x\0.jpg", "uploads/x\n.jpg", "uploads/\x1b[31m", "/uploads/x.jpg", "uploads/x/",
        "uploads\\x.jpg", "uploads/x?y", "uploads/x#y", "uploads/%2e%2e/x", "uploads/\u202e.jpg", "uploads/x\u2028y",
        "task-history/c1/TASK_20261122_7K3F9Q_1/original.png", "uploads/" + "x" * 600, "Uploads/x.jpg", "uploads/...",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("signal", "field"),
    [("image_received", "image_key"), ("result_submitted", "result_key"), ("designer_finished", "result_key")],
)
def test_what_is_no_key_of_an_upload_is_unreadable(signal: str, field: str, key: str) -> None:
    heard = read(signal, {field: key})
    assert isinstance(heard, Unreadable)
    assert field in heard.reason


@pytest.mark.parametrize(
    "key",
    [
        "uploads/0b5c8f6e-2f0f-4a46-9d5f-0e6a4c1d2b3a.jpg", "uploads/ORDER_20261122_7K3F9Q/picture-1.png",
        "uploads/ORDER_20261122_7K3F9Q/result-图 (1).PNG", "uploads/1", "uploads/..a",
    ],
)  # fmt: skip
def test_a_key_of_an_upload_is_taken(key: str) -> None:
    assert ImageReceived(image_key=key).image_key == key
    assert ResultSubmitted(result_key=key).result_key == key


def test_a_finished_file_has_a_key_that_can_be_opened() -> None:
    key = f"{ids.folder('客户 7/../x', 'TASK_20261122_7K3F9Q_1')}/attempt-1-generated.png"
    assert LinkOpened(key=key).key == key


@given(owner=st.text(max_size=300))
def test_a_folder_is_short_and_one_part_of_a_key_whoever_owns_it(owner: str) -> None:
    folder = ids.folder(owner, "TASK_20261122_7K3F9Q_1")
    assert len(folder.encode()) <= 110
    assert folder.count("/") == 2
    assert ids.is_key(folder)


def test_two_owners_with_long_names_have_two_folders() -> None:
    assert ids.folder("客" * 300 + "1", "t") != ids.folder("客" * 300 + "2", "t")


@pytest.mark.parametrize(
    "amount",
    ["1E-20000", "15." + "0" * 20_000, "15." + "0" * 20_000 + "1", "25_00", "1_5", "25.001", "1E+3", "-1", "NaN",
     "Infinity", "1" * 40, "100000001", 1e-9, 1e300, ""],
)  # fmt: skip
def test_an_amount_that_is_none_makes_no_price_and_is_money_in_its_words(amount: Any) -> None:
    assert isinstance(read("quote_set", {"amount": amount}), Unreadable)
    for signal in ("payment_received", "refund_recorded"):
        words = read(signal, {"amount": amount}).amount
        assert words is None or (isinstance(words, str) and len(words) <= limits.LONGEST_VALUE + 1)


@pytest.mark.parametrize("amount", ["25.00", "25", 25, 25.5, "0", " 25.00 ", "0.01", "9999999.99"])
def test_an_amount_in_digits_is_read(amount: Any) -> None:
    assert read("payment_received", {"amount": amount}).amount == Decimal(str(amount).strip())


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1999-12-31T00:00:00Z", "2e9" * 99])
def test_a_time_that_no_calendar_of_ours_holds_stays_in_its_words(moment: str) -> None:
    words = read("payment_received", {"amount": "1", "paid_at": moment}).paid_at
    assert isinstance(words, str)
    assert len(words) <= limits.LONGEST_VALUE + 1


@pytest.mark.parametrize("field", ["event_id", "task_id"])
def test_an_id_is_refused_where_it_is_too_long_never_cut(field: str) -> None:
    assert isinstance(read("revision_requested", {field: "x" * 256}), Unreadable)


@pytest.mark.parametrize("tail", ["li@example.com", "li＠example.com", "li艾特example.com"])
@given(kept=st.integers(0, 14))
def test_what_is_cut_never_ends_in_half_an_address(tail: str, kept: int) -> None:
    text = "字" * (limits.LONGEST_WORDS - kept) + tail + "谢谢" * 20
    heard = CustomerMessage(text=text).text
    assert len(heard) <= limits.LONGEST_WORDS
    assert find_address(heard) in {None, "li@example.com"}


def test_words_lose_what_is_no_writing_and_keep_their_lines() -> None:
    assert CustomerMessage(text="a\0b\x1b[31m\r\n\tc").text == "ab[31m\r\n\tc"


def test_an_order_of_too_many_pictures_is_refused_with_the_figure() -> None:
    pictures = [{"image_url": "https://shop.example/1.jpg"}] * (limits.MOST_PICTURES + 1)
    with pytest.raises(ValidationError, match=f"an order takes at most {limits.MOST_PICTURES} pictures"):
        OrderRequest.model_validate({"customer_id": "c", "pictures": pictures})


def test_a_start_that_is_refused_tells_the_fields_and_nothing_of_what_was_sent() -> None:
    pictures = [{"image_url": "u" * 9000, "note": "wang@example.com"}] * (limits.MOST_PICTURES + 1)
    workflow = "order-ORDER_20261122_7K3F9Q"
    wrong = ({"pictures": pictures}, {"pictures": pictures[:40]}, {"email": ["wang@example.com"]})
    for request in wrong:
        with pytest.raises(MalformedRequest) as refused:
            open_order(workflow, request | {"customer_id": ["wang@example.com"]}, datetime.now(UTC))
        assert len(str(refused.value)) < 500
        assert "wang@" not in str(refused.value)
        assert "pydantic" not in str(refused.value)
        assert "customer_id: " in str(refused.value)
