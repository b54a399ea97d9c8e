"""A wish is read whole, or nothing is done. The phrases stand in edit_phrases.toml."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.imaging.edit_words import OURS, TONES, Edits, read
from adapters.imaging.edits import BACKGROUNDS, CHANGES
from adapters.imaging.limits import Limits
from adapters.imaging.make import make
from domain.attempts.prompting import prompt
from domain.order.picture import Picture
from domain.ports import Wish
from domain.vocabulary.errors import ModelRefused
from domain.vocabulary.pictures import Analysis, Operation
from tests.growth import assert_in_proportion
from tests.unit.adapters.imaging.pictures import encoded, scene

PHRASES: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("edit_phrases.toml").read_text("utf-8"))
PARTS = ("tuned", "held_out")
NOTHING: tuple[str | None, list[str]] = (None, [])


def done(prompt: str, *, is_edit: bool = True) -> tuple[str | None, list[str]]:
    wanted = read(prompt, is_edit=is_edit)
    return (wanted.background, sorted(wanted.tones)) if wanted.is_whole else NOTHING


def meant(words: str) -> tuple[str | None, list[str]]:
    kept = words.replace(",", " ").split()
    return next((word for word in kept if word in BACKGROUNDS), None), sorted(word for word in kept if word in TONES)


@pytest.mark.parametrize(("phrase", "words"), [pair for part in PARTS for pair in PHRASES[part].items()])
def test_nothing_but_what_was_asked_for_is_ever_done(phrase: str, words: str) -> None:
    assert done(phrase) in (meant(words), NOTHING)


@pytest.mark.parametrize(
    "words", ["白底?", "白底吗", "是白底吗?", "太亮了吗", "亮一点吗", "white background?", "会不会太暗了"]
)
def test_a_question_is_no_wish(words: str) -> None:
    assert done(words) == NOTHING


@pytest.mark.parametrize(
    "words", ["能换白底吗?", "可以换白底吗", "换成白底可以吗", "could you turn the background white?"]
)
def test_a_polite_request_is_one(words: str) -> None:
    assert done(words) == ("white", [])


@pytest.mark.parametrize("part", PARTS)
def test_most_of_what_can_be_done_is_understood(part: str) -> None:
    possible = {phrase: words for phrase, words in PHRASES[part].items() if words}
    missed = [phrase for phrase, words in possible.items() if done(phrase) != meant(words)]
    assert len(missed) <= len(possible) / 10, missed


@pytest.mark.parametrize("phrase", [phrase for part in PARTS for phrase, words in PHRASES[part].items() if words])
@pytest.mark.parametrize("more", ["脸瘦一点", "换成西装", "加两个字", "去掉水印", "左边的人P掉", "remove the hat"])
def test_a_wish_is_not_met_by_half(phrase: str, more: str) -> None:
    for both in (f"{phrase},{more}", f"{more},{phrase}", f"{phrase}\n{more}", f"{phrase}{more}", f"{more} {phrase}"):
        assert done(both) == NOTHING


@given(st.text(alphabet="白红蓝底背景换成不要亮暗一点太把脸的人,和了 鲜艳", max_size=12))
def test_what_is_done_is_covered_by_the_words(text: str) -> None:
    """Whatever is understood names its colour, and is neither denied nor about a part of the picture."""
    background, tones = done(text)
    assert not (background or tones) or not {"脸", "和"} & set(text)
    if background and "不" not in text:
        assert {"white": "白", "red": "红", "blue": "蓝"}[background] in text
    if "不要" in text and background:
        assert len({char for char in text if char in "白红蓝"}) > 1


@pytest.mark.parametrize("words", ["帮我", "你好", "好的就好", "整体", "一点", "可以可不可以", "please ", "a bit "])
def test_no_line_is_too_long_to_be_read(words: str) -> None:
    assert done(words * 1000 + "x") == NOTHING
    assert_in_proportion(lambda text: done(f"{text}x"), words)


@pytest.mark.parametrize("tone", TONES)
def test_each_tone_has_its_change(tone: str) -> None:
    assert tone in CHANGES


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["先要蓝底", "【客户修改要求】还是红色背景吧"], ("red", [])),
        (["换蓝底", "【客户修改要求】亮一点", "【客户修改要求】再亮一点"], ("blue", ["brighter", "brighter"])),
        (["客户要求：亮一点", "亮一点"], (None, ["brighter"])),
        (["亮一点", "【客户修改要求】太亮了"], NOTHING),
        (["换蓝底", "【客户修改要求】不要蓝底"], NOTHING),
        (["换蓝底", "【客户修改要求】谢谢"], NOTHING),
        (["换蓝底", "【客户修改要求】人脸P小一点"], NOTHING),
        (["换蓝底", "Replace the sky, add warm light."], NOTHING),
        (["换蓝底", "The last attempt was not good enough: 太亮 Avoid that this time."], ("blue", [])),
    ],
)
def test_all_lines_of_an_edit_are_read(lines: list[str], wanted: tuple[str | None, list[str]]) -> None:
    assert done("\n".join(lines)) == wanted


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["帮我把奶奶的照片变清晰", "A vivid, warm photograph of a cat."], Edits(None, ())),
        (["变清晰,亮一点点就好", "亮一点"], Edits(None, ("brighter",))),
        (["变清晰", "【客户修改要求】太鲜艳了"], Edits(None, ("muted",))),
        (["变清晰", "【客户修改要求】眼睛再大一点"], Edits(None, (), is_whole=False)),
        (["变清晰", "【客户修改要求】亮一点\n眼睛再大一点"], Edits(None, (), is_whole=False)),
        (["变清晰", "【客户修改要求】不够清晰"], Edits(None, (), is_whole=False)),
    ],
)
def test_beside_another_operation_every_revision_is_read_whole(lines: list[str], wanted: Edits) -> None:
    assert read("\n".join(lines), is_edit=False) == wanted


@pytest.mark.parametrize("operation", Operation)
def test_what_we_say_ourselves_is_no_wish(operation: Operation) -> None:
    one = Picture(task_id="TASK_20261122_7K3F9Q_1", operation=operation, analysis=Analysis(prompt="\n".join(OURS)))
    assert read(prompt(one)) == Edits(None, ())


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (Operation.EDIT, "白底,磨皮"),
        (Operation.EDIT, ""),
        (Operation.RESIZE, "【客户修改要求】脸瘦一点"),
        (Operation.RESIZE, "换白底"),
    ],
)
def test_what_is_not_understood_whole_goes_to_people_with_a_reason(operation: Operation, words: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        make(encoded(scene()), Wish(operation, words), Limits())
    assert (refused.value.permanent, refused.value.told.phrase) == (True, "local.free_edit")
