"""What staff hear of a night: in Chinese and in English, nothing if there is nothing to tell."""

import pytest

from adapters.phrases import Phrasebook
from domain.texts.catalogue import LANGUAGES, Language
from domain.texts.phrase import said
from domain.upkeep import telling
from domain.upkeep.work import Digest, Part, PartReport, UpkeepReport
from runtime.paths import CATALOGUES, ROOT

EVERYTHING = UpkeepReport(
    parts={
        Part.RECORDS: PartReport(error=said("error.outside_unavailable", system="records"), counts={"binned": 2}),
        Part.FILES: PartReport(is_held=True, counts={"files": 9000, "orphans": 5000}, examples=["task-history/a/b"]),
        Part.STATISTICS: PartReport(counts={"users": 3, "mended": 1}, examples=["day 2026-11-01: 5 ≠ 6"]),
        Part.STORAGE: PartReport(counts={"over_quota": 1}, examples=["60 MB"]),
    },
    digest=Digest(day="2026-11-29", paid="54.00 CNY"),
)  # fmt: skip


def test_a_night_without_a_digest_and_without_trouble_tells_nobody() -> None:
    report = UpkeepReport(parts={part: PartReport(is_done=True) for part in Part})
    assert telling.notices(report) == []
    assert report.is_well


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_can_be_said(language: Language) -> None:
    book = Phrasebook(ROOT / CATALOGUES[language], language, detail=True)
    notices = telling.notices(EVERYTHING)
    told = [book.text(notice.phrase, **notice.values) for notice in notices]
    assert [notice.phrase for notice in notices] == [
        "staff_digest", "staff_upkeep_failed", "staff_orphans_held", "staff_statistics_mended", "staff_over_quota",
    ]  # fmt: skip
    assert "2026-11-29" in told[0]
    assert "54.00 CNY" in told[0]
    assert "--orphans 5000" in told[2]
    assert not any("{" in text for text in told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_web_ui_has_a_line_for_each_part(language: Language) -> None:
    lines = telling.markdown(EVERYTHING, language).splitlines()
    assert len(lines) == len(EVERYTHING.parts)
    assert "5000" in lines[1]


def test_a_report_keeps_a_few_examples_and_all_counts() -> None:
    part = PartReport()
    for number in range(30):
        part.add({"mended": 2}, [f"{number}"])
    assert part.counts == {"mended": 60}
    assert len(part.examples) == 10
