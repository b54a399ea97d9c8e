import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.vocabulary.staff_messages import LONGEST_BYTES, fits, joined, shortened

A_THIRD = "客" * (LONGEST_BYTES // 9)  # three bytes each


def test_a_message_is_measured_in_bytes_not_in_characters() -> None:
    assert fits("a" * LONGEST_BYTES)
    assert not fits("客" * (LONGEST_BYTES // 3 + 1))


def test_a_message_that_fits_is_left_as_it_is() -> None:
    assert shortened("a" * LONGEST_BYTES) == "a" * LONGEST_BYTES


def test_a_long_message_keeps_whole_lines() -> None:
    lines = [f"第{number}行:客户要求修改" for number in range(300)]
    *kept, last = shortened("\n".join(lines)).splitlines()
    assert last == "…"
    assert kept == lines[: len(kept)]
    assert not fits("\n".join([*lines[: len(kept) + 1], "…"]))


@pytest.mark.parametrize("text", ["客" * 2000, "【转人工】\n" + "客" * 2000, "😀" * 2000])
def test_one_long_line_is_cut_between_characters(text: str) -> None:
    short = shortened(text)
    assert short.endswith("…")
    assert text.startswith(short[:-1])
    assert LONGEST_BYTES - 8 < len(short.encode()) <= LONGEST_BYTES


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.just("\n"), min_size=1), st.integers(1, 9000))
def test_whatever_is_shortened_fits_and_is_at_least_half_of_what_could_be_said(words: str, length: int) -> None:
    text = (words * length)[:length]
    short = shortened(text)
    assert fits(short)
    assert short == text or (short.endswith("…") and text.startswith(short.removesuffix("…")))
    assert short == text or len(short) >= LONGEST_BYTES // 4 // 2  # a character takes up to four bytes


def test_notices_go_together_with_a_blank_line_between_them() -> None:
    assert joined(["一", "二\n", "三"]) == ("一\n\n二\n\n三", 3)


def test_what_does_not_fit_whole_waits_for_the_next_message() -> None:
    message, told = joined([A_THIRD, A_THIRD, A_THIRD, "短"])
    assert (message, told) == (f"{A_THIRD}\n\n{A_THIRD}", 2)


def test_the_first_notice_is_told_shortened_where_it_alone_is_too_long() -> None:
    message, told = joined(["客" * 3000, "短"])
    assert (told, message[-1]) == (1, "…")
    assert fits(message)


def test_a_notice_whose_phrase_the_shop_has_emptied_holds_up_nothing() -> None:
    assert joined(["", "一", " \n", "二"]) == ("一\n\n二", 4)
    assert joined([""]) == ("", 1)
