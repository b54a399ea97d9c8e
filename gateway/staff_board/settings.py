"""The settings that staff change while the shop runs: first what they would have changed, then saved with a reason."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from domain.bounds.limits import Line
from domain.pricing import what_if
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Operation
from domain.vocabulary.rule_changes import COMPLEXITIES, RuleChanges
from domain.vocabulary.rules import ShopRules
from gateway.staff_board.context import context
from gateway.staff_board.routes import show
from gateway.staff_board.session import Changing, Session, SignedIn

PAST = timedelta(days=30)
SHOWN_VERSIONS, SHOWN_DIFFERENCES = 20, 100
NUMBERS = (
    "quality_threshold", "max_attempts", "free_revisions", "opens_at", "closes_at", "review_minutes", "hold_minutes",
    "expiry_hours", "word_reminder_hours", "silence_days",
)  # fmt: skip
PATH = "/staff/settings"

log = structlog.get_logger("gateway")
router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def page(request: Request, session: SignedIn) -> HTMLResponse:
    """Show the settings as they are, and their versions."""
    current = await context(request).settings.current()
    return await _page(request, session, _typed(current.changes if current else RuleChanges()))


@router.post("/what-if")
async def compare(request: Request, session: Changing) -> HTMLResponse:
    """Show what these settings would have changed in the orders of the last 30 days, and offer to save them."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    shop = context(request)
    try:
        changes = _read(form)
        after = changes.applied(shop.rules)
    except ValueError as error:
        return await _page(request, session, form, HTTPStatus.UNPROCESSABLE_ENTITY, faults=_faults(error))
    before = await shop.rules_now()
    past = await shop.settings.past_orders(datetime.now(UTC) - PAST)
    found = what_if.differences(past, before, after)
    values: dict[str, Any] = {
        "found": found[:SHOWN_DIFFERENCES], "total": len(found), "past": len(past),
        "change": sum(one.change for one in found), "held": sum(one.is_held - one.was_held for one in found),
        "failed": sum(one.failed_after - one.failed_before for one in found),
        "document": changes.model_dump_json(exclude_defaults=True),
    }  # fmt: skip
    return await _page(request, session, form, what_if=values)


@router.post("/save")
async def save(
    request: Request,
    session: Changing,
    document: Annotated[str, Form(max_length=20_000)],
    seen_version: Annotated[int, Form(ge=0)],
    reason: Annotated[Line, Form(min_length=1)],
) -> Response:
    """Save settings as a new version. Raises MalformedRequest, SettingsMovedOn."""
    try:
        changes = RuleChanges.model_validate_json(document)
        changes.applied(context(request).rules)
    except ValueError as error:
        raise MalformedRequest(f"settings: {_faults(error)[0]}") from error
    version = await context(request).settings.save(changes, seen_version=seen_version, by=session.name, reason=reason)
    log.info("settings changed", version=version, user=str(session.user.user_id))
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)


def _read(form: Mapping[str, str]) -> RuleChanges:
    """Return the changes in a form; an empty field is the setting that the shop was started with. Raises ValueError."""
    said = {name: value.strip() for name, value in form.items() if value.strip()}
    values: dict[str, Any] = {name: said[name] for name in NUMBERS if name in said}
    if said.get("is_switched_on") in {"yes", "no"}:
        values["is_switched_on"] = said["is_switched_on"] == "yes"
    if hours := said.get("payment_reminder_hours"):
        values["payment_reminder_hours"] = [part.strip() for part in hours.replace("\uff0c", ",").split(",")]
    ends = {name: (said.get(f"{name}.minimum"), said.get(f"{name}.maximum")) for name in COMPLEXITIES}
    values["prices"] = {
        name: {"minimum": low, "maximum": high}
        for name, (low, high) in ends.items()
        if low is not None or high is not None
    }
    values["surcharges"] = {one: said[f"surcharge.{one}"] for one in Operation if f"surcharge.{one}" in said}
    return RuleChanges.model_validate(values)


def _typed(changes: RuleChanges) -> dict[str, str]:
    """Return changes as the form's fields."""
    fields = {name: f"{value:g}" for name in NUMBERS if (value := getattr(changes, name)) is not None}
    if changes.is_switched_on is not None:
        fields["is_switched_on"] = "yes" if changes.is_switched_on else "no"
    if changes.payment_reminder_hours is not None:
        fields["payment_reminder_hours"] = ", ".join(f"{hours:g}" for hours in changes.payment_reminder_hours)
    for name, one in changes.prices.items():
        fields |= {f"{name}.minimum": str(one.minimum), f"{name}.maximum": str(one.maximum)}
    return fields | {f"surcharge.{name}": str(amount) for name, amount in changes.surcharges.items()}


def _faults(error: ValueError) -> list[str]:
    """Return what is wrong, each with its field."""
    if not isinstance(error, ValidationError):
        return [str(error)]
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        f"{'.'.join(map(str, one['loc']))}: {one['msg'].removeprefix('Value error, ')}".lstrip(": ") for one in found
    ]


def _usual(rules: ShopRules) -> dict[str, str]:
    """Return what the fields are while nobody has changed them."""
    fields = {name: f"{getattr(rules, name):g}" for name in NUMBERS}
    fields["payment_reminder_hours"] = ", ".join(f"{hours:g}" for hours in rules.payment_reminder_hours)
    for name in COMPLEXITIES:
        one = getattr(rules.prices, name)
        fields |= {f"{name}.minimum": str(one.minimum), f"{name}.maximum": str(one.maximum)}
    return fields | {f"surcharge.{one}": str(rules.prices.surcharges.get(one, 0)) for one in Operation}


async def _page(
    request: Request, session: Session, typed: Mapping[str, str], status: int = 200, **values: Any
) -> HTMLResponse:
    shop = context(request)
    versions = await shop.settings.newest(SHOWN_VERSIONS)
    documents = {
        one.version: json.dumps(one.changes.model_dump(mode="json", exclude_defaults=True)) for one in versions
    }
    shown = {"faults": [], "what_if": None} | values
    return await show(
        request, session, "settings.html", status, typed=typed, usual=_usual(shop.rules), versions=versions,
        documents=documents, current=versions[0].version if versions else 0, numbers=NUMBERS, complexities=COMPLEXITIES,
        operations=list(Operation), is_on=shop.is_switched_on, currency=shop.rules.prices.currency,
        figures=await shop.board.figures(datetime.now(UTC)), **shown,
    )  # fmt: skip
