"""README.md and its Chinese twin say the same, as far as that can be counted."""

import re
from collections import Counter

import pytest

from runtime.paths import ROOT

ENGLISH = (ROOT / "README.md").read_text()
CHINESE = (ROOT / "README.zh-CN.md").read_text()


def plain(page: str) -> str:
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", page, flags=re.DOTALL | re.MULTILINE)


def links(page: str) -> list[str]:
    return [link for link in re.findall(r"\]\(([^)]+)\)", page) if not link.startswith("README")]


def test_each_is_linked_from_the_first_lines_of_the_other() -> None:
    assert "](README.zh-CN.md)" in "".join(ENGLISH.splitlines()[:4])
    assert "](README.md)" in "".join(CHINESE.splitlines()[:4])


def test_headings_come_in_the_same_number_and_order() -> None:
    levels = [re.findall(r"^(#+) ", plain(page), re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert levels[0] == levels[1]
    assert len(levels[0]) > 5


def test_the_same_code_is_shown() -> None:
    blocks = [re.findall(r"^```.*?^```$", page, re.DOTALL | re.MULTILINE) for page in (ENGLISH, CHINESE)]
    assert blocks[0] == blocks[1]
    assert blocks[0]


def test_the_same_pages_are_linked_in_the_same_order() -> None:
    assert links(ENGLISH) == links(CHINESE)


@pytest.mark.parametrize("heading", range(ENGLISH.count("\n## ")))
def test_a_part_names_the_same_commands_files_and_settings(heading: int) -> None:
    english, chinese = (re.split(r"^## ", plain(page), flags=re.MULTILINE)[heading + 1] for page in (ENGLISH, CHINESE))
    named = [Counter(re.findall(r"`([^`\n]+)`", part)) for part in (english, chinese)]
    assert named[0] == named[1], english.splitlines()[0]
    tables = [re.findall(r"^\|(.*?)\|", part, re.MULTILINE) for part in (english, chinese)]
    assert len(tables[0]) == len(tables[1])
