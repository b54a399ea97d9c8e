"""A fail point ends the process at its place, and nothing else does."""

import os
from typing import Any

import pytest

from runtime import fail_points
from runtime.fail_points import STATUS, FailPoint


class Ended(BaseException):
    """Stands for the end of the process."""


class Mail:
    sender = "shop@example.com"

    def __init__(self) -> None:
        self.sent: list[str] = []

    async def send(self, letter: str) -> str:
        self.sent.append(letter)
        return "taken"

    async def probe(self) -> None: ...


@pytest.fixture(autouse=True)
def ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(status: int) -> None:
        assert status == STATUS
        raise Ended

    monkeypatch.setattr(os, "_exit", end)


async def test_the_process_ends_when_the_effect_has_happened() -> None:
    mail = Mail()
    with pytest.raises(Ended):
        await FailPoint("mail.send").armed(mail, "mail").send("letter")
    assert mail.sent == ["letter"]


async def test_the_count_says_at_which_time() -> None:
    mail = FailPoint("mail.send:2").armed(Mail(), "mail")
    assert await mail.send("first") == "taken"
    with pytest.raises(Ended):
        await mail.send("second")


async def test_other_methods_and_attributes_are_as_before() -> None:
    mail = FailPoint("mail.send").armed(Mail(), "mail")
    await mail.probe()
    assert mail.sender == "shop@example.com"


@pytest.mark.parametrize("at", ["", "bot.send", "activity.mail"])
def test_a_port_without_the_point_is_the_port_itself(at: str) -> None:
    mail = Mail()
    assert FailPoint(at).armed(mail, "mail") is mail


def test_an_activity_is_wrapped_only_where_one_is_named() -> None:
    activity: Any = object()
    assert FailPoint("").intercept_activity(activity) is activity
    assert FailPoint("mail.send").intercept_activity(activity) is activity
    assert isinstance(FailPoint("activity.mail").intercept_activity(activity), fail_points._Ending)
