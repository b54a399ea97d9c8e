"""Configures structured logs, in one format for our own lines and those of libraries."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from activities.activity_logger import work_here
from domain.texts.masking import masked


def _about_work(_: Any, __: str, line: EventDict) -> EventDict:
    """Name the order, task and activity that a line is about, whoever writes it: our code, the SDK or a library."""
    return {**work_here(), **line}


def _without_addresses(_: Any, __: str, line: EventDict) -> EventDict:
    """Mask e-mail addresses in all fields, however deep: libraries and servers quote them in their messages, too."""
    return {name: _masked(value) for name, value in line.items()}


def _masked(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | logging.LogRecord():  # a record is taken out before anything is written
            return value
        case str():
            return masked(value)
        case dict():
            return {masked(str(name)): _masked(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_masked(item) for item in value]
    return masked(repr(value))


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(allow=["task_id", "order_id", "seconds", "error"]),
    _about_work,
    structlog.processors.format_exc_info,
    _without_addresses,
]

# Characters that end a line, move the cursor or change the writing direction: input must not forge log lines.
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")
OF_LINES = {"exception", "stack"}  # multi-line fields
INDENT = "  | "  # before each of their lines, so that none looks like a log line


def unforgeable(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """Escape control characters in every field, so that callers cannot forge log lines."""
    return {name: _lines(value) if name in OF_LINES else _escaped(value) for name, value in fields.items()}


def _escaped(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case dict():
            return {_escaped(str(name)): _escaped(item) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_escaped(item) for item in value]
    text = value if isinstance(value, str) else repr(value)
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape", "surrogatepass").decode(), text)


def _lines(value: Any) -> Any:
    return "\n".join(INDENT + _escaped(line) for line in value.split("\n")) if isinstance(value, str) else value


def configure(level: str, style: str) -> None:
    """Set up logging for this process. `style` is `console` or `json`."""
    shown: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, unforgeable, shown],
        )
    )
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # They log every request URL, and that of the staff robot contains its key.
    for talkative in ("httpx", "httpx2", "google_genai", "aiosmtplib"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
