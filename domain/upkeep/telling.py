"""What staff are told of a run of upkeep, and how the Temporal Web UI shows it."""

from collections.abc import Iterator

from domain.texts.catalogue import TEXTS, Language
from domain.texts.escaping import literal
from domain.texts.phrase import Values
from domain.upkeep.work import UPKEEP, Part, UpkeepReport
from domain.vocabulary.trail import Notice


def notices(report: UpkeepReport) -> list[Notice]:
    """Return the digest of yesterday, if it was asked for, and one notice for each thing that staff should look at."""
    told = [*_digest(report), *_problems(report)]
    return [
        Notice(notice_id=f"{UPKEEP}-{number}", serial=number, phrase=phrase, values=values)
        for number, (phrase, values) in enumerate(told, 1)
    ]


def markdown(report: UpkeepReport, language: Language) -> str:
    """Return the report as Markdown, a line for each part."""
    texts = TEXTS[language]
    lines = []
    for part, done in report.parts.items():
        counts = ", ".join(f"{name} {count}" for name, count in done.counts.items())
        error = texts.say(done.error, literal)
        lines.append(f"- **{texts.name('upkeep', part)}** {'; '.join(filter(None, [literal(counts), error]))}")
    return "\n".join(lines)


def _digest(report: UpkeepReport) -> Iterator[tuple[str, Values]]:
    if report.digest:
        yield "staff_digest", {name: str(value) for name, value in report.digest.model_dump().items()}


def _problems(report: UpkeepReport) -> Iterator[tuple[str, Values]]:
    for part, done in report.parts.items():
        if done.error:
            yield "staff_upkeep_failed", {"part": part.value, "reason": done.error}
    files = report.part(Part.FILES)
    if files.is_held:
        found: Values = {"count": str(files.counts["orphans"]), "examples": [*files.examples]}
        yield "staff_orphans_held", found
    if mended := report.count(Part.STATISTICS, "mended"):
        yield "staff_statistics_mended", {"count": str(mended), "examples": [*report.part(Part.STATISTICS).examples]}
    if over := report.count(Part.STORAGE, "over_quota"):
        yield "staff_over_quota", {"count": str(over), "examples": [*report.part(Part.STORAGE).examples]}
