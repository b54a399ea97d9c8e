"""The migrations stand in one line: two that were written side by side would keep every database from being made."""

import re

from adapters.db.migrate import MIGRATIONS

REVISION = re.compile(r'^(down_revision|revision) = "?(\w+)"?$', re.MULTILINE)


def test_each_migration_follows_the_one_before_it() -> None:
    files = sorted((MIGRATIONS / "versions").glob("r*.py"))
    revisions = [dict(REVISION.findall(file.read_text())) for file in files]
    numbers = [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [revision["revision"] for revision in revisions] == numbers
    assert [revision["down_revision"] for revision in revisions] == ["None", *numbers[:-1]]
    assert [file.name[1:5] for file in files] == numbers
