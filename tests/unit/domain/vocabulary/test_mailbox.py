import pytest

from domain.vocabulary.mailbox import mailbox


@pytest.mark.parametrize(
    ("text", "name", "address"),
    [
        ("Shop <orders@shop.example>", "Shop", "orders@shop.example"),
        ("暗房 <orders@shop.example>", "暗房", "orders@shop.example"),
        ('"暗房, 图片" <orders@shop.example>', "暗房, 图片", "orders@shop.example"),
        ("暗房, 图片 <orders@shop.example>", "暗房, 图片", "orders@shop.example"),
        ("暗房(官方):客服 @店 <orders@shop.example>", "暗房(官方):客服 @店", "orders@shop.example"),
        ("暗房\n店 <orders@shop.example>", "暗房 店", "orders@shop.example"),
        ("orders@shop.example", "", "orders@shop.example"),
        ("<orders@shop.example>", "", "orders@shop.example"),
        ("暗房 <orders@暗房.example>", "暗房", "orders@xn--7oup0h.example"),
    ],
)
def test_a_shops_mailbox_is_read_as_people_write_it(text: str, name: str, address: str) -> None:
    read = mailbox(text)
    assert (read.display_name, read.addr_spec) == (name, address)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("The shop", "no e-mail address"),
        ("", "no e-mail address"),
        ("orders@", "no e-mail address"),
        ("@shop.example", "no e-mail address"),
        ("订单@shop.example", "only ASCII is allowed"),
        ("a b@shop.example", "invalid e-mail address"),
        ("暗房 <orders@暗 房.example>", "invalid e-mail address|no e-mail address|ASCII"),
        ("a@b.example, c@d.example", "invalid e-mail address"),
    ],
)
def test_what_is_no_mailbox_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        mailbox(text)
