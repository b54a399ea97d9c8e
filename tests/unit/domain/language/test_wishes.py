"""What customers ask for before payment, and instead of a mail."""

import pytest

from domain.language import Situation, Wish, decide, read, wishes
from domain.vocabulary.status import Status

LINK_WANTED = [
    "发链接", "给我下载链接", "直接发链接", "发下链接", "发链接给我就行", "麻烦发个链接给我", "能发个链接吗",
    "有链接吗", "链接", "下载链接", "给我Link", "可以给个下载地址吗", "网盘", "云盘", "发百度网盘吧", "没有邮箱",
    "没邮箱", "无邮箱", "不用邮箱", "没有邮箱怎么办", "不想给邮箱", "不方便留邮箱", "不要邮箱,要链接",
    "不用发邮箱,给链接", "我没有邮箱哎 直接发链接吧亲", "邮箱收不到,发链接吧", "邮箱打不开,发链接", "可以,发链接",
]  # fmt: skip
NO_LINK_WANTED = [
    "", "可以", "链接打不开", "链接点不开", "链接失效了", "链接过期了", "链接没用", "链接呢", "链接在哪", "链接发了吗",
    "链接是什么", "链接安全吗", "链接有效期多久", "链接怎么下载", "链接收到了", "链接下载好了", "看到链接了",
    "链接里的图不清楚", "这个链接不对", "你发的链接打不开", "重新发下链接,刚才的打不开", "下载不了", "提取码多少",
    "网盘密码是什么", "不要链接", "不用发链接", "别发链接,发邮箱", "付款链接发我", "商品链接发一下", "邮箱没收到",
    "邮箱改一下", "有没有邮箱", "没有邮箱吗", "你们没有邮箱吗", "没有邮箱收到", "发到wang@example.com",
    "发链接到wang@example.com",
]  # fmt: skip
NO_WISHES = [
    "修一下", "再P一下", "头发", "给我转人工", "取消订单", "大点", "先别做",
    "", "在吗", "您好,在吗?", "你好 两张", "hi", "早上好", "亲", "有人吗", "哈哈哈", "[图片]", "多少钱", "多少钱一张",
    "价格", "这个多少钱呀亲", "两张一共多少钱", "老板在吗 多少钱", "怎么收费", "什么价", "几块钱一张", "ok多少钱",
    "便宜点", "能便宜点吗", "给我便宜点嘛", "能优惠吗", "优惠点呗", "能少点吗", "打折吗", "太贵了", "多久", "要多久",
    "大概多久", "多久能好", "什么时候好", "今天能好吗", "麻烦快点哈", "急", "发货吗", "能发货了吗", "付了", "已付款",
    "我付款了", "钱付了", "钱转你了", "付款了,什么时候好", "拍了", "我拍下了亲", "已拍", "已下单", "转账了",
    "能开发票吗", "可以", "好的", "OK", "没问题", "就这样", "嗯嗯", "👌", "稍等", "收到", "好了吗", "谢谢老板",
    "辛苦啦", "wang@example.com", "做好发我邮箱 wang@example.com", "帮我", "第二张", "第一张,第二张",
]  # fmt: skip
ONE_WISH_FOR_ALL = [
    "抠", "P图", "太暗", "头发修一下", "svg", "1寸", "要原图", "脸瘦一点",
    "给猫戴帽子", "不要改脸", "少点磨皮", "LOGO\uff0c换成Red", "把 logo 去掉", "psd 背景透明",
    "尺寸16:9", "可以抠图吗", "两张都要抠图", "都要清晰点", "所有图都变清晰", "换成第二张的背景",
    "和第一张一样", "其他的变清晰",
]  # fmt: skip
WISHES: list[tuple[str, list[tuple[str, int | None]]]] = [
    ("第一张抠图,第二张变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("第一张抠图第二张变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("第一张抠图和第二张变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("第一张:抠图;第\uff12张\uff1a变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("第一张,要抠图。第二张,要变清晰", [("要抠图", 1), ("要变清晰", 2)]),
    ("图1抠图 图2变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("P1抠图P2变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("图二变清晰,图一不用", [("变清晰", 2), ("不用", 1)]),
    ("帮我把第一张的背景去掉,第二张换蓝底,多少钱", [("背景去掉", 1), ("换蓝底", 2)]),
    ("你好,第1张抠图、第2张去水印,多少钱?", [("抠图", 1), ("去水印", 2)]),
    ("第一张抠图 wang@example.com 第二张变清晰", [("抠图", 1), ("变清晰", 2)]),
    ("在第二张上加文字", [("加文字", 2)]),
    ("第一张上色", [("上色", 1)]),
    ("第一张三个人都去掉", [("三个人都去掉", 1)]),
    ("除了第一张都抠图", []),
    ("1.抠图 2.去水印", [("抠图 2.去水印", None)]),
    ("只要第二张", []),
    ("不用第二张", []),
    # Several pictures at once
    ("第一张和第二张都抠图", [("抠图", 1), ("抠图", 2)]),
    ("第一、三张去水印", [("去水印", 1), ("去水印", 3)]),
    ("第2和第3张变清晰", [("变清晰", 2), ("变清晰", 3)]),
    ("第一张第二张去水印第三张抠图", [("去水印", 1), ("去水印", 2), ("抠图", 3)]),
    ("第一和第二张都抠图,背景换白", [("抠图,背景换白", 1), ("抠图,背景换白", 2)]),
    ("第一张用第二张的背景", [("用第二张的背景", 1)]),
    ("把第一张的人P到第二张里", [("把第一张的人P到第二张里", 1), ("把第一张的人P到第二张里", 2)]),
    # The picture named last, until all are meant
    ("第一张抠图,还要去水印", [("抠图,还要去水印", 1)]),
    ("第一张抠图,多少钱,背景换白", [("抠图,背景换白", 1)]),
    ("第一张太暗,都看不清了", [("太暗,都看不清了", 1)]),
    ("第二张变清晰,和第一张一样", [("变清晰,和第一张一样", 2)]),
    ("抠图,第二张不用抠", [("抠图", None), ("不用抠", 2)]),
    ("拍了,第二张变清晰", [("变清晰", 2)]),
    ("第一张抠图,两张都要清晰点,背景换白", [("抠图", 1), ("两张都要清晰点,背景换白", None)]),
    ("第一张抠图,其他的变清晰", [("抠图", 1), ("其他的变清晰", None)]),
    ("第一张抠图,最后一张变清晰", [("抠图", 1), ("最后一张变清晰", None)]),
    ("两张图都要抠图 第二张还要变清晰", [("两张图都要抠图", None), ("还要变清晰", 2)]),
    # Beside talk
    ("帮我把人抠出来,透明底,多久能好", [("帮我把人抠出来,透明底", None)]),
    ("麻烦亲,两张都修复一下 谢谢", [("两张都修复一下", None)]),
    ("抠图 发到wang@example.com", [("抠图", None)]),
]


@pytest.mark.parametrize(("words", "expected"), WISHES)
def test_wishes_are_split_per_picture(words: str, expected: list[tuple[str, int | None]]) -> None:
    assert wishes(read(words)) == [Wish(text=text, picture=picture) for text, picture in expected]


@pytest.mark.parametrize("words", ONE_WISH_FOR_ALL)
def test_words_that_name_no_picture_are_for_all_and_doubtful_ones_are_a_wish(words: str) -> None:
    assert wishes(read(words)) == [Wish(text=words)]


@pytest.mark.parametrize("words", NO_WISHES)
def test_greetings_money_time_payment_and_content_are_no_wish(words: str) -> None:
    assert wishes(read(words)) == []


def _is_linked(words: str) -> bool:
    """Whether a customer who was content before gets a link upon these words."""
    situation = Situation.of(Status.AWAITING_CONFIRM).model_copy(update={"is_accepted": True})
    return decide(read(words), situation).is_link


@pytest.mark.parametrize("words", LINK_WANTED)
def test_a_link_is_asked_for_instead_of_a_mail(words: str) -> None:
    assert _is_linked(words)


@pytest.mark.parametrize("words", NO_LINK_WANTED)
def test_a_link_that_is_out_already_or_not_wanted_is_not_asked_for(words: str) -> None:
    assert not _is_linked(words)
