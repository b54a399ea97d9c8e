"""Whatever a customer writes is shown as they wrote it, and forges nothing."""

import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from domain.designers import details as dispatch_details
from domain.designers.dispatch import DispatchRequest, DispatchState
from domain.library import details as finding_details
from domain.library.finding import FindRequest, Found
from domain.order import journal
from domain.story import details
from domain.texts.escaping import literal, one_line, plain, short_line
from domain.texts.phrase import written
from domain.vocabulary.picture_news import PictureNews
from tests.unit.domain.making import NOW, customer_says, new_order, shown_order

NASTY = [
    "[店铺后台登录](http://evil.example)", "<a href=http://evil.example>登录</a>", "<message-id>", "http://evil.example",
    "www.evil.example", "a@evil.example", "# 标题", "\n\n# 标题", "- 一\n- 二", "**粗** _斜_ ~~删~~", "`x`",
    "``` \nx\n```", "[x]: http://evil.example", "`` ` ``", "@everyone", "1. x", "> x",
    "![x](http://evil.example/a.png)", "&lt;b&gt;", "a\u2028b\x0bc\x85d", "| a | b |\n|---|---|", "\\*x\\*", "---",
    "<script>alert(1)</script>", "订单:ORDER_1\n金额:0",
]  # fmt: skip
WORDS = st.sampled_from(NASTY) | st.text() | st.lists(st.sampled_from(NASTY)).map("\n".join)
LIVE = {"link_open", "image", "html_inline", "html_block", "em_open", "strong_open", "s_open"}
BARE = re.compile(r"://|www\.|\S@\S|<\w", re.IGNORECASE)  # what other renderers make a link or a tag of by itself


def rendered(markdown: str) -> tuple[list[str], str]:
    """The kinds of what a renderer makes of Markdown, and the text that stands outside of code."""
    kinds, text = [], ""
    for block in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown):
        kinds.append(block.type)
        for token in block.children or []:
            kinds.append(token.type)
            text += token.content if token.type == "text" else ""
    return kinds, text


@given(WORDS)
def test_words_in_the_web_ui_are_one_line_without_link_or_tag(words: str) -> None:
    kinds, text = rendered(f"客户说:{literal(words)}。")
    assert not LIVE & set(kinds)
    assert kinds.count("paragraph_open") == 1
    assert not BARE.search(text)


@settings(deadline=None, max_examples=50)  # a busy machine takes its time over three pages
@given(WORDS)
def test_what_is_shown_of_an_order_a_dispatch_and_a_search_holds_no_link_of_a_customer(words: str) -> None:
    order = shown_order(customer_name=words[:200])
    order.live[0].error = written(words)
    customer_says(order, words)
    told = details.markdown(order)
    plainly = details.markdown(shown_order(customer_name="x"))
    request = DispatchRequest(task_id="T", customer_id="c", customer_name=words[:200], reason=words)
    state = DispatchState(dispatch_id="d", request=request, work_since=NOW, news=PictureNews())
    find = FindRequest(customer_id="c", words=words or "x", image_url="http://x.example")
    for shown in (told, dispatch_details.markdown(state), finding_details.markdown(find, Found(), "zh")):
        kinds, text = rendered(shown)
        assert not {"link_open", "image", "html_inline", "html_block"} & set(kinds)
        assert not BARE.search(text)
    assert rendered(told)[0].count("heading_open") == rendered(plainly)[0].count("heading_open")


@pytest.mark.parametrize("escape", [one_line, short_line, plain])
@given(words=WORDS)
def test_words_stay_in_their_line(escape: type[str], words: str) -> None:
    assert len(escape(words).splitlines()) <= 1
    assert all(letter.isprintable() for letter in escape(words))


@given(WORDS)
def test_words_in_the_group_of_staff_are_no_markup(words: str) -> None:
    assert not set("*<>`[]") & set(plain(words))


def test_a_message_id_is_seen() -> None:
    order = new_order()
    order.note("mailed", NOW, status="sent", message_id="<ORDER_1.1@shop.example>")
    line = journal.markdown_line(order.journal[-1], ZoneInfo("UTC"), "zh")
    assert "`<ORDER_1.1@shop.example>`" in line
