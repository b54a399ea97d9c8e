"""Nobody who calls us writes a line of the log, or moves the cursor of whoever reads it."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from runtime import logs

FORGED = "2026-11-30 10:00:00 [info     ] all is well"
ATTACKS = [
    f"x\n{FORGED}", f"x\r\n{FORGED}", f"\x1b[2K\x1b[1A{FORGED}", f"x\x85{FORGED}", f"x\u2028{FORGED}", "\x9b31m",
    "\u202egnp.exe", "\x00", "\x7f", "\ud83d", "a\x0bb", "a\x0cb",
]  # fmt: skip


@pytest.fixture(params=["console", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What a process writes in its log."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    was, level = structlog.get_config(), root.level
    logs.configure("INFO", request.param)
    out = io.StringIO()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(out)
    yield out
    root.handlers[:], root.level = before, level
    structlog.configure(**was)


def is_one_line(text: str) -> bool:
    assert text.encode()  # can be written at all
    lines = text.splitlines()
    return len(lines) == 1 and text.removesuffix("\n").isprintable()


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_field_ends_its_line(written: io.StringIO, attack: str) -> None:
    log = structlog.get_logger("gateway")
    log.info(attack, method=attack, path=attack, client=attack, header={attack: [attack]}, error=ValueError(attack))
    assert is_one_line(written.getvalue())


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_line_of_a_library_ends_early(written: io.StringIO, attack: str) -> None:
    logging.getLogger("a.library").warning("Invalid request: %s", attack, extra={"order_id": attack})
    assert is_one_line(written.getvalue())


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_message_of_an_error_looks_like_a_line_of_its_own(written: io.StringIO, attack: str) -> None:
    try:
        int(f"no number {attack}", base=10)
    except ValueError:
        structlog.get_logger("gateway").exception("failed", path=attack)
        logging.getLogger("a.library").exception("failed")
    assert written.getvalue().encode()
    for line in written.getvalue().splitlines():
        assert line.startswith(("{", "20", "  | ")), line
        assert not line.startswith(FORGED)
        assert "\x1b" not in line


@given(st.text(st.characters(codec=None)))
def test_what_is_escaped_is_one_line_of_text(text: str) -> None:
    escaped = logs.unforgeable(None, "", {"event": text})["event"]
    assert len(f"x{escaped}x".splitlines()) == 1
    assert escaped.encode().decode() == escaped


def test_words_stay_as_they_are(written: io.StringIO) -> None:
    structlog.get_logger("worker").info("answered", customer="王小明 😀 café", seconds=1.5, count=3, nothing=None)
    assert "王小明 😀 café" in written.getvalue()
    if written.getvalue().startswith("{"):
        line = json.loads(written.getvalue())
        assert (line["seconds"], line["count"], line["nothing"]) == (1.5, 3, None)


@pytest.mark.parametrize("written", ["json"], indirect=True)
def test_a_line_is_json_with_its_time_in_utc_and_goes_nowhere_else(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    before = datetime.now(UTC)
    structlog.get_logger("gateway").info("answered", status=401)
    (line,) = [json.loads(text) for text in written.getvalue().splitlines()]
    moment = datetime.fromisoformat(line.pop("timestamp"))
    assert line == {"event": "answered", "status": 401, "level": "info", "logger": "gateway"}
    assert before <= moment <= datetime.now(UTC)
    assert tuple(capsys.readouterr()) == ("", "")


ADDRESS = "wang.fang@example.com"
NESTED = st.recursive(
    st.just(ADDRESS) | st.builds(ValueError, st.just(f"550 {ADDRESS} is unknown")) | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["to", ADDRESS, f"<{ADDRESS}>"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=NESTED)
def test_no_address_is_written_however_deep_it_lies(value: object) -> None:
    """In a field, in what it contains, in its keys, and in errors."""
    line = logs._without_addresses(None, "", {"event": "x", "field": value})
    assert "wang.fang" not in repr(logs.unforgeable(None, "", line))


def test_an_address_in_an_error_is_masked_in_the_whole_log(written: io.StringIO) -> None:
    error = ValueError(f"550 {ADDRESS} is unknown")
    structlog.get_logger("mail").warning("refused", error=error, recipients={ADDRESS: (550, ADDRESS.encode())})
    logging.getLogger("a.library").warning("refused %s", error, extra={"order_id": ADDRESS})
    assert "wang.fang" not in written.getvalue()
    assert written.getvalue().count("example.com") >= 4
