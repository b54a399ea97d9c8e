"""The lines of a journal: rendered once, and as they would be rendered anew."""

from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest

from domain.order import journal
from domain.order.journal import Lines, markdown_line
from domain.texts.catalogue import Language
from tests.unit.domain.making import NOW, new_order

UTC, SHANGHAI = ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai")


def test_a_line_is_rendered_once_for_each_language_and_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    rendering = Mock(side_effect=markdown_line)
    monkeypatch.setattr(journal, "markdown_line", rendering)
    order, lines = new_order(), Lines()
    seen: list[tuple[ZoneInfo, Language]] = [(UTC, "en"), (UTC, "en"), (SHANGHAI, "en"), (SHANGHAI, "zh")]
    for zone, language in seen:
        order.note("mailed", NOW, status="sent")
        wanted = [markdown_line(entry, zone, language) for entry in order.journal]
        assert lines.of(order.journal, zone, language) == wanted
    one, two, three, four = (len(order.journal) - missing for missing in (3, 2, 1, 0))
    assert rendering.call_count == one + (two - one) + three + four


def test_what_is_no_longer_shown_is_forgotten() -> None:
    order, lines = new_order(), Lines()
    order.note("mailed", NOW, status="sent")
    lines.of(order.journal, UTC, "en")
    assert lines.of(order.journal[-1:], UTC, "en") == [markdown_line(order.journal[-1], UTC, "en")]
    assert len(lines._known) == 1
