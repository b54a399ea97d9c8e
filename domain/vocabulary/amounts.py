"""Parses amounts, currencies and times as people and platforms write them; what is ambiguous is kept as text."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from domain.bounds.limits import EARLIEST, LARGEST_AMOUNT, LATEST
from domain.bounds.limits import LONGEST_VALUE as LONGEST
from domain.vocabulary.ids import bounded

NAMES = {"event_id", "payment_id", "refund_id", "reason"}  # texts besides the values

CURRENCIES = {  # other spellings; any other three letters are taken as a code
    "CNY": ("¥", "元", "圆", "块", "块钱", "rmb", "人民币", "cn¥", "yuan", "cnh"),
    "USD": ("us$", "美元", "美金"),
    "HKD": ("hk$", "港币", "港元"),
    "TWD": ("nt$", "新台币", "台币"),
    "JPY": ("jp¥", "日元", "円"),
    "EUR": ("€", "欧元"),
    "GBP": ("£", "英镑"),
}
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " ", 0xFFE5: "¥"}
_CODES = {name: code for code, names in CURRENCIES.items() for name in names}
# 1,234.50 is unambiguous; 25,00 may be 25 or 2500, and 25.000 may be 25000, but 25.0000 is 25 as a database writes it.
_NUMBER = r"(?:\d{1,9}|[1-9]\d{0,2}(?:,\d{3}){1,2})(?:\.\d{1,2}|\.\d{2}0{2,8})?"
_AMOUNT = re.compile(rf"(?P<before>[^\d\s.,+-]*)\s*(?P<number>{_NUMBER})\s*(?P<after>[^\d\s.,+-]*?)整?", re.ASCII)
_DAY, _ZONE = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})", r"(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?"
_MOMENT = re.compile(rf"{_DAY}(?:日\s*|t|\s+)(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(\.\d{{1,9}})?)?\s*{_ZONE}", re.ASCII)
_COMPACT = re.compile(rf"(20\d{{2}})(\d{{2}})(\d{{2}})t?(\d{{2}})(\d{{2}})(\d{{2}})(){_ZONE}", re.ASCII)
_SINCE_1970 = re.compile(r"([1-9]\d{9})(?:(\d{3})|(\.\d{1,9}))?", re.ASCII)  # seconds, or milliseconds, of 2001 to 2286


def amount(said: Any) -> tuple[Decimal, str] | None:
    """Return an amount and the currency beside it, empty if there is none. None if it is ambiguous."""
    found = _AMOUNT.fullmatch(_plain(said))
    if found is None:
        return None
    beside = {currency(name) for name in (found["before"], found["after"]) if name}
    read = Decimal(found["number"].replace(",", ""))
    if None in beside or len(beside) > 1 or read > LARGEST_AMOUNT:
        return None
    return read.quantize(Decimal("0.01")), next(filter(None, beside), "")


def currency(said: Any) -> str | None:
    """Return the code of a currency, or None if it is not one."""
    name = _plain(said)
    return _CODES.get(name) or (name.upper() if re.fullmatch(r"[a-z]{3}", name) else None)


def moment(said: Any) -> datetime | None:
    """Return a date and time, without a time zone if none is given. None if it is ambiguous or out of range."""
    try:
        at = _moment(_plain(said))
    except ValueError:  # the 31st of February
        return None
    return at if at and EARLIEST.year < at.year < LATEST.year - 1 else None


def _moment(plain: str) -> datetime | None:
    if since := _SINCE_1970.fullmatch(plain):
        fraction = since[3] or f".{since[2] or 0}"
        return datetime.fromtimestamp(int(since[1]), UTC).replace(microsecond=_microseconds(fraction))
    found = _MOMENT.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    return datetime(year, month, day, hour, minute, second, _microseconds(found[7]), _zone(found[8]))


def read(said: Mapping[str, Any]) -> dict[str, Any]:
    """Parse the money fields of a payload; invalid ones stay as written, and long ids are shortened."""
    values = {name: value for name, value in said.items() if not is_blank(value)}
    for name in values.keys() & NAMES:
        values[name] = _storable(values[name]) if name == "reason" else bounded(_storable(values[name]))
    readers: dict[str, Callable[[Any], Any]] = {"currency": currency, "paid_at": moment}
    for name in values.keys() & readers.keys():
        values[name] = readers[name](values[name]) or unread(values[name])
    if "amount" in values:
        values |= _amount_in(values["amount"], values.get("currency", ""))
    return values


def _amount_in(said: Any, named: str) -> dict[str, Any]:
    """Read an amount; one whose own currency is not the one that is named beside it is in doubt."""
    found, beside = amount(said) or (None, "")
    if found is None or (beside and named and beside != named):
        return {"amount": unread(said)}
    return {"amount": found} | ({"currency": beside} if beside else {})


def certain(read: Any) -> Decimal:
    """Return an amount that could be read. Raises ValueError with the words of one that could not."""
    if not isinstance(read, Decimal):
        raise ValueError(f"{read!s:.60} is not an amount that can mean one thing only; write 25.00")  # noqa: TRY004 - pydantic's
    return read


def in_zone(at: datetime, zone: str) -> datetime:
    """Return a moment with its zone; one that names none is of this one."""
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def unread(said: Any) -> str:
    """Return what was written, in part where it is long; it makes no sense when it is read again, either."""
    text = _text(said)
    shown = "".join(letter if letter.isprintable() else "�" for letter in text[:LONGEST])
    return shown + "…" * (len(text) > LONGEST)


def is_blank(said: Any) -> bool:
    """Whether nothing was written at all."""
    return said is None or (isinstance(said, str) and not said[:LONGEST].strip())


def _plain(said: Any) -> str:
    """Return a text in half-width lower case; empty if it is too long to be a value."""
    text = _text(said)
    return "" if len(text) > LONGEST else text.translate(_NARROW).casefold().strip()


def _text(said: Any) -> str:
    if isinstance(said, int) and not isinstance(said, bool) and said.bit_length() > LONGEST * 4:
        return f"a number of {said.bit_length()} bits"  # Python writes no such number
    return said[: LONGEST + 1] if isinstance(said, str) else str(said)[: LONGEST + 1]


def _microseconds(fraction: str | None) -> int:
    return int((fraction or ".0")[1:7].ljust(6, "0"))


def _storable(said: Any) -> str:
    """Return a text whole, with halves of characters as their codes, so that no two ids become one."""
    text = said if isinstance(said, str) else _text(said)
    return text.encode("utf-8", "backslashreplace").decode()


def _zone(said: str | None) -> timezone | None:
    if said is None or said in {"z", "utc", "gmt"}:
        return UTC if said else None
    minutes = int(said[1:3]) * 60 + int(said[3:].lstrip(":") or 0)
    return timezone(timedelta(minutes=minutes if said[0] == "+" else -minutes))
