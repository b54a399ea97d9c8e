"""Whatever is put together: nothing is mailed, accepted or begun on words that are not understood whole."""

import itertools
import random

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.language import IRREVERSIBLE, Act, Situation, decide, exact_address, read, remembered_address
from domain.language.lexicon import lexicon, parse
from domain.vocabulary.status import GONE, Status

WANG = "wang@qq.com"
CONTENT = [
    "可以",
    "满意",
    "没问题",
    "挺好的",
    "就这样吧",
    "ok",
    "完美",
    "很棒 辛苦了",
    "都可以",
    "没毛病",
    "好看",
    "不用改了",
]
DELIVERY = ["", "发我邮箱", "发", "直接发", "邮箱是", "麻烦发到"]
COMPLAINTS = [
    "头发边缘有白边", "眼睛怎么歪了", "背景没换", "像素太低", "手指多了一根", "跟没修一样", "好难看", "你这做的啥",
    "还是模糊",
    "P得好假", "不像", "原来的更好", "有锯齿", "牙齿没修", "脸都变形了", "这是人吗", "太敷衍", "背景换成白色",
    "字写错了",
    "颜色不太对劲", "少了一个人", "怎么这么暗", "再修修", "妈呀什么东西", "不要这个", "别发", "先别发", "等下",
    "多少钱",
]  # fmt: skip
NOT_MEANT = [
    "{}是谁的", "我发你们邮箱{}了", "上次发错到{}了", "{}密码忘了", "别用{}", "退款账号{}", "你们邮箱是{}吗",
    "{}用不了了",
    "我没有{}这个邮箱", "参考图发到{}了", "发票抬头发你了 {}", "{}不是我的", "{}被盗了", "如果可以发{}",
    "可以的话发{}", "等我看了发{}",
    "明天发{}", "支付宝{}", "{}收不到", "发{}了吗", "客服邮箱{}", "抄送{}", "{}那个先别发", "问下{}", "他的邮箱{}",
    "谁是{}",
]  # fmt: skip
MOCKERY = [
    "{}才怪", "{}个屁", "{}才有鬼", "{}个头", "{}你妹", "{}吗", "{}?", "{}不", "{}的话再说", "谁说{}", "没说{}",
    "别说{}", "说{}是假的",
    "如果{}", "{}就有鬼了", "{}但是", "{}就是", "{}除了", "{}不过", "以为{}", "勉强{}", "怎么能{}", "{}这种话",
    "不{}", "没人{}",
    "看起来{}其实", "{}吧?", "何时{}", "{}个鬼", "{}哪里", "差点{}", "{}也行吧但",
]  # fmt: skip
OUT = [
    "退款",
    "我要退款",
    "不要了",
    "取消订单",
    "转人工",
    "投诉",
    "我要找人工",
    "差评",
    "骗子",
    "给我退钱",
    "叫你们老板来",
    "refund",
]
STATES = [status for status in Status if status not in GONE]

known_words = sorted({word for words in lexicon().words.values() for word in words.words})
CHARACTERS = sorted({character for word in known_words for character in word if "\u4e00" <= character <= "\u9fff"})
anything = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=st.sampled_from(CHARACTERS), min_size=1, max_size=10),
    st.sampled_from(known_words),
)
address = st.from_regex(r"[a-z][a-z0-9]{3,9}", fullmatch=True).map(lambda name: f"{name}@163.com")
any_state = st.builds(Situation.of, st.sampled_from(list(Status)), st.integers(1, 3))


def act(words: str, status: Status = Status.AWAITING_CONFIRM, pictures: int = 1) -> Act:
    return decide(read(words), Situation.of(status, pictures)).act


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_beside_content_and_an_address_mails_and_accepts_nothing(complaint: str) -> None:
    for content, between in itertools.product(CONTENT, (" ", ",", "\n", "")):
        for words in (f"{content}{between}{complaint}", f"{complaint}{between}{content}"):
            assert act(words) not in {Act.MAIL, Act.ACCEPT}
            assert act(f"{words} {WANG}") is not Act.MAIL
            assert act(f"{WANG} {words}") is not Act.MAIL


@pytest.mark.parametrize("frame", NOT_MEANT)
def test_an_address_that_is_not_where_to_send_is_not_mailed_to(frame: str) -> None:
    for content, between in itertools.product(["", *CONTENT], (" ", ",", "")):
        words = f"{content}{between}{frame.format(WANG)}"
        assert act(words) is not Act.MAIL
        assert act(words, Status.COMPLETED) is not Act.MAIL


@pytest.mark.parametrize("frame", MOCKERY)
def test_mockery_doubt_and_denial_are_no_content(frame: str) -> None:
    for content in CONTENT:
        assert act(frame.format(content)) not in {Act.MAIL, Act.ACCEPT}
        assert act(f"{frame.format(content)} {WANG}") is not Act.MAIL


@pytest.mark.parametrize("out", OUT)
@pytest.mark.parametrize("status", list(Status))
def test_wanting_out_a_complaint_and_a_call_for_a_person_reach_staff_in_any_state(out: str, status: Status) -> None:
    for words in (
        out,
        f"可以 {out}",
        f"{out} {WANG}",
        f"背景换成白色,{out}",
        f"{out}!!",
        f"xyz,{out}",
        f"嗯嗯,{out}吧",
    ):
        assert act(words, status) is Act.TELL_STAFF


LOCALS = [
    "12 345", "zhang san", "wang·li", "wang下划线li", "wang点li", "wang杠li", "wang。li", "a b c", "12345\n678",
    "wang, li", "mike o'neil",
    "a\u200bbc", "a@b", "wang\u00adli", "wa ng li", "wang;li", "1234 5678", "wang/li", "x#y", "a|b", "wang=li",
    "wang .li", "wang。 li",
    "wang•li", "O'Neil van x", "qq 12 345", "张 san", "аbc", "wang?li", "wang:li", "li (wang)", "wang<li", "a..b",
    "wang！li",
]  # fmt: skip


@pytest.mark.parametrize("local", LOCALS)
@pytest.mark.parametrize("frame", ["{}", "发到{}", "可以 {}", "{} 谢谢", "邮箱:{}"])
def test_the_rest_of_a_local_part_that_is_cut_is_never_mailed_to(local: str, frame: str) -> None:
    words = frame.format(f"{local}@qq.com")
    assert act(words) in {Act.ASK_BACK, Act.NOTHING}
    assert remembered_address(read(words)) is None


@pytest.mark.parametrize("words", ["o'neil@gmail.com", "a_b-c.d+e@163.com", "WANG@QQ.COM", "345678901@qq.com"])
def test_an_address_is_taken_whole(words: str) -> None:
    assert (act(f"可以 {words}"), remembered_address(read(words))) == (Act.MAIL, words.lower())


@pytest.mark.parametrize("words", ["wang/li@qq.com", "a&b@163.com", "x#y@qq.com", "o'neil@example.com"])
def test_an_exact_field_takes_what_rfc_5322_allows(words: str) -> None:
    assert exact_address(words) == words


@pytest.mark.parametrize("words", ["logo@2x.png", "@客服", "@老板 在吗", "icon@3x.jpg", "人@背景"])
def test_what_only_has_an_at_is_no_address(words: str) -> None:
    assert act(words) is Act.NOTHING


@given(anything, st.sampled_from(CONTENT), any_state)
@example("背景换成白色", "可以", Situation.of(Status.AWAITING_CONFIRM))
def test_words_that_nobody_knows_let_nothing_happen(words: str, content: str, situation: Situation) -> None:
    reading = read(f"{content},{words}")
    assume("unknown" in reading.kinds)
    assert decide(reading, situation).act in {Act.NOTHING, Act.TELL_STAFF}


@given(anything, anything, address, any_state)
def test_mail_follows_only_from_an_address_that_stands_whole_in_the_words(
    before: str, after: str, sent: str, situation: Situation
) -> None:
    reading = read(f"{before} {sent} {after}")
    if decide(reading, situation).act is Act.MAIL:
        assert reading.address == sent
        assert not reading.kinds & {
            "unknown",
            "question",
            "wait",
            "refusal",
            "description",
            "contrast",
            "money",
            "leave",
        }


@given(anything, st.sampled_from(["\u200b", "\u00ad", "\u2060", "\ufeff"]), address)
def test_an_address_with_a_hidden_sign_is_never_mailed_to(words: str, hidden: str, sent: str) -> None:
    text = f"{words} {sent[:2]}{hidden}{sent[2:]}"
    assert decide(read(text), Situation.of(Status.AWAITING_CONFIRM)).act is not Act.MAIL


@pytest.mark.parametrize("sign", "①²Ⅰ℡𝐚ｎ")
def test_an_address_is_spelt_in_letters_and_digits(sign: str) -> None:
    for sent in (f"{sign}wang@qq.com", f"wa{sign}ng@qq.com", f"wang{sign}@qq.com", f"wang@qq.com{sign}"):
        follows = act(sent)
        assert follows is (Act.MAIL if sign == "ｎ" and "com" in sent[-3:] else Act.ASK_BACK), sent


@given(st.from_regex("[a-z]{3,9}", fullmatch=True))
def test_an_english_word_is_never_read_as_a_part_of_it(word: str) -> None:
    known = {one for words in lexicon().words.values() for one in words.words}
    assume(word not in known)
    for text in (word, f"p{word}", f"{word}p"):
        assume(text not in known)
        assert decide(read(text), Situation.of(Status.REVISION)).act not in IRREVERSIBLE


@pytest.mark.parametrize("said", ["{}张都可以", "{}张都要", "{}张都满意 wang@qq.com", "就要{}张 wang@qq.com"])
@pytest.mark.parametrize("shown", [1, 2, 3])
@pytest.mark.parametrize(("word", "counted"), [("这", 1), ("两", 2), ("三", 3), ("2", 2), ("四", 4)])
def test_who_counts_other_pictures_than_wait_takes_none(said: str, shown: int, word: str, counted: int) -> None:
    follows = decide(read(said.format(word)), Situation.of(Status.AWAITING_CONFIRM, shown)).act
    assert counted == shown or follows not in IRREVERSIBLE


@given(anything, any_state)
def test_reading_never_fails_and_says_the_same_twice(words: str, situation: Situation) -> None:
    read.cache_clear()
    first = decide(read(words), situation)
    read.cache_clear()
    assert decide(read(words), situation) == first


@given(anything, anything, any_state)
def test_a_held_order_does_nothing_that_cannot_be_taken_back(one: str, other: str, situation: Situation) -> None:
    held = situation.model_copy(update={"is_held": True})
    if held.waiting:
        assert decide(read(f"{one},{other}"), held).act not in IRREVERSIBLE


def test_random_rows_of_known_phrases_mail_only_what_may_be_mailed() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    for _ in range(300):
        words = " ".join(chance.sample(known_words, 2))
        if act(f"{words} {WANG}") is Act.MAIL:
            allowed = {
                "address",
                "void",
                "delivery",
                "content",
                "no_change",
                "picture",
                "resend",
                "missing",
                "talk",
                "assent",
            }
            assert read(f"{words} {WANG}").kinds <= allowed


def test_a_lexicon_with_a_name_that_stands_for_nothing_is_refused() -> None:
    tables = '[dialect]\n[signs]\n[words]\n[phrases]\n[classes]\ncontent = ["<{}>"]\n'
    with pytest.raises(ValueError, match="undefined name praise"):
        parse(tables.format("praise"))
    with pytest.raises(ValueError, match="invalid pattern"):
        parse(tables.format("x>?<"))
