"""Renders the fields of a message as a Markdown table, from its JSON schema."""

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import BaseModel

from domain.bounds.limits import CUT_AFTER, EARLIEST, LARGEST_AMOUNT, LATEST
from domain.vocabulary.pictures import Analysis

Schema = dict[str, Any]
HEAD = "| field | type | default | description |\n|---|---|---|---|"
AMOUNT = f'money, 0 to {LARGEST_AMOUNT:,} with at most two digits after the point: "25.00", also ￥25, 25元, 1,234.50'
TIME = (
    f"time, from {EARLIEST:%Y} to {LATEST.year - 1}: 2026-11-22T10:15:00+08:00, also 2026-11-22 10:15:00, "
    "or seconds since 1970"
)
PLAIN = {
    "boolean": "true or false",
    "integer": "whole number",
    "number": AMOUNT,  # amounts are the only fractional numbers
    "object": "object",
    "string": "text",
}


def table(model: type[BaseModel], *, without: Collection[str] = ()) -> str:
    """Return a table of all fields except `without`; nested fields follow their object, prefixed by its name."""
    schema = model.model_json_schema()
    rows = list(_rows(schema, schema.get("$defs", {}), "", without))
    return "\n".join([HEAD, *rows])


def _rows(schema: Schema, defs: Schema, prefix: str, without: Collection[str]) -> Iterator[str]:
    needed = schema.get("required", [])
    for name, field in schema["properties"].items():
        if name in without:
            continue
        kind = _resolved(field, defs)
        default = "required" if name in needed else _default(field.get("default"))
        yield f"| `{prefix}{name}` | {_words(kind, defs)} | {default} | {field.get('description', '')} |"
        inner = _resolved(kind.get("items", kind), defs)
        if "properties" in inner and inner["title"] != Analysis.__name__:
            yield from _rows(inner, defs, f"{prefix}{name}{'[]' * ('items' in kind)}.", ())


def _resolved(field: Schema, defs: Schema) -> Schema:
    """Return the schema of a non-null value of a field, with references resolved."""
    if "anyOf" in field:
        kinds = [kind for kind in field["anyOf"] if kind.get("type") != "null"]
        return _resolved(kinds[0], defs)  # for an amount: the number, which has the bounds
    return defs[field["$ref"].rpartition("/")[2]] if "$ref" in field else field


def _words(kind: Schema, defs: Schema) -> str:
    if kind.get("title") == Analysis.__name__:
        return "the fields of [`analysis_received`](#analysis_received)"
    if "enum" in kind:
        return _either([f"`{word}`" for word in kind["enum"]])
    if "items" in kind:
        item = _resolved(kind["items"], defs)
        several = f"{PLAIN[item['type']]}s" if item.get("type") in PLAIN else _words(item, defs)
        return f"list of {several}{_longest(kind)}" + (
            f"; each{_longest(item)}".replace(",", "") if _longest(item) else ""
        )
    if kind.get("format") == "date-time":
        return TIME
    if kind["type"] == "integer" and "maximum" in kind:
        return f"{PLAIN['integer']}, {kind['minimum']} to {kind['maximum']}"
    return PLAIN[kind["type"]] + (", not empty" if kind.get("minLength") else "") + _longest(kind)


def _longest(kind: Schema) -> str:
    """Return the description of a length limit: longer values are refused, or cut."""
    if most := kind.get("maxItems"):
        return f", at most {most}"
    if longest := kind.get("maxLength"):
        return f", at most {longest} characters"
    if after := kind.get(CUT_AFTER):
        return f", cut after {after}" + ("" if "items" in kind else " characters")
    return ""


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _default(value: Any) -> str:
    if value in (None, ""):
        return "—"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"
