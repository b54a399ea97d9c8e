"""Where the files go: an address of old is offered, a link in the chat will do."""

import pytest

from domain.attempts.work import MailInput, MailOutcome
from domain.order.order import Order
from domain.story import delivering
from domain.texts.phrase import said, written
from domain.vocabulary.status import Status
from tests.unit.domain.making import NOW, accepted_order, customer_says, make, phrases, post, send, shown_order, told

S = Status


def returning(email: str | None = None) -> Order:
    order = shown_order(email=email)
    order.known_email = "wang.xiaoming@example.com"
    order.mark_told(order.serial)
    return order


def test_a_returning_customers_address_is_offered_and_never_used_unasked() -> None:
    order = returning()
    customer_says(order, "可以")
    assert (order.email, phrases(order)) == (None, ["offer_known_address"])
    assert order.outbox[0].values == {"email": "w***g@example.com"}
    assert not delivering.is_deliverable(order)


def test_a_yes_to_the_offer_takes_the_address() -> None:
    order = returning()
    customer_says(order, "可以")
    customer_says(order, "对的")
    assert order.email == "wang.xiaoming@example.com"
    assert delivering.is_deliverable(order)


@pytest.mark.parametrize("words", ["不对", "不是", "不是这个", "这个不对", "不对不对", "换一个", "不是那个啊"])
def test_a_no_to_the_offer_is_none_to_the_picture(words: str) -> None:
    order = returning()
    customer_says(order, "可以")
    customer_says(order, words)
    assert (order.email, order.status, phrases(order)) == (None, Status.AWAITING_CONFIRM, ["offer_known_address"])


def test_a_refusal_of_the_picture_stays_one_though_an_address_was_offered() -> None:
    order = returning()
    customer_says(order, "可以")
    customer_says(order, "不对,脸再亮一点")
    assert order.status is not Status.AWAITING_CONFIRM


def test_a_yes_that_was_not_asked_for_takes_no_address() -> None:
    order = returning()
    customer_says(order, "好的")
    assert (order.email, phrases(order)) == (None, [])


def test_another_address_comes_before_the_one_that_was_offered() -> None:
    order = returning()
    customer_says(order, "可以")
    customer_says(order, "不是,发 li@example.com")
    assert order.email == "li@example.com"
    assert delivering.is_deliverable(order)


def test_an_address_given_in_this_order_is_used_without_an_offer() -> None:
    order = returning(email="li@example.com")
    customer_says(order, "可以")
    assert (phrases(order), delivering.is_deliverable(order)) == ([], True)


def test_whoever_is_content_again_without_an_address_gets_a_link() -> None:
    order = shown_order()
    order.mark_told(order.serial)
    for _ in range(3):
        customer_says(order, "可以")
    assert phrases(order) == ["ask_address", "download_links"]
    assert order.status is S.AWAITING_CONFIRM
    assert list(order.outbox[-1].links) == [f"{order.order_id}_1.png"]


def test_a_link_that_is_asked_for_is_given() -> None:
    order = shown_order()
    customer_says(order, "可以,直接发链接给我吧")
    assert phrases(order)[-1] == "download_links"


def test_a_link_alone_accepts_nothing() -> None:
    order = shown_order()
    order.mark_told(order.serial)
    customer_says(order, "直接发链接给我吧")
    assert (phrases(order), order.live[0].accepted) == ([], False)
    customer_says(order, "可以")
    customer_says(order, "发链接吧")
    assert phrases(order) == ["ask_address", "download_links"]


def test_content_and_the_wish_for_a_link_are_heard_together() -> None:
    order = shown_order(pictures=2)
    order.mark_told(order.serial)
    customer_says(order, "第一张可以,发链接给我吧")
    assert phrases(order) == ["and_the_others"]
    customer_says(order, "都可以了,我没有邮箱,发链接给我吧")
    assert phrases(order) == ["and_the_others", "download_links"]
    assert len(order.outbox[-1].links) == len(order.live)


def test_opening_the_link_completes_the_order() -> None:
    order = shown_order(pictures=2)
    customer_says(order, "可以,直接发链接给我吧")
    send(order, "link_opened", key=order.live[1].result.file.key)
    assert (order.status, phrases(order)[-1], told(order)) == (S.COMPLETED, "link_done", [])
    assert order.deliveries == 0


def test_opening_a_preview_or_a_link_that_was_not_offered_completes_nothing() -> None:
    order = shown_order()
    send(order, "link_opened", key=order.live[0].result.file.key)
    send(order, "link_opened", key=order.live[0].result.preview_key)
    assert order.status is S.AWAITING_CONFIRM


def test_a_refusal_after_the_link_was_given_starts_the_work_and_the_old_link_completes_nothing() -> None:
    order = shown_order()
    customer_says(order, "可以,直接发链接给我吧")
    old = order.live[0].result.file.key
    customer_says(order, "不行,太暗")
    make(order, order.live[0])
    send(order, "link_opened", key=old)
    assert order.status is S.AWAITING_CONFIRM


def test_a_refused_address_is_told_to_staff_with_the_servers_words() -> None:
    order = shown_order()
    customer_says(order, "wang@refused.example")
    letter = MailInput(
        order_id=order.order_id, delivery=1, to="wang@refused.example", customer_name="", files=delivering.files(order)
    )
    refused = MailOutcome(status="refused", message_id="<1>", error="550 no such user")
    delivering.mail_finished(order, letter, refused, order.created_at)
    assert (told(order), order.notices[0].values["email"]) == (["mail_refused"], "wang@refused.example")
    assert order.notices[0].values["error"] == written("550 no such user")


def test_a_letter_that_the_server_does_not_take_is_told_to_staff_alone_and_stays_due() -> None:
    order = shown_order()
    customer_says(order, "wang@example.com")
    letter = MailInput(
        order_id=order.order_id, delivery=1, to="wang@example.com", customer_name="", files=delivering.files(order)
    )
    order.mark_told(order.serial)
    delivering.mail_failed(order, letter, written("451 later"), order.created_at)
    assert (told(order), phrases(order), delivering.is_mail_failing(order)) == (["mail_trouble"], [], True)
    customer_says(order, "li@example.com")
    assert (delivering.is_deliverable(order), delivering.is_mail_failing(order)) == (True, False)
    customer_says(order, "wang@example.com")
    assert delivering.is_mail_failing(order)
    delivering.mail_finished(order, letter, MailOutcome(status="sent", message_id="<1>", error=""), order.created_at)
    assert (order.status, order.mail_trouble) == (S.COMPLETED, "")


def test_an_offer_does_not_outlive_the_result_it_was_made_for() -> None:
    order = returning()
    customer_says(order, "可以")
    customer_says(order, "不行,太暗")
    make(order, order.live[0])
    customer_says(order, "嗯")
    assert order.email is None
    assert not order.live[0].accepted


def test_an_address_that_was_refused_is_not_offered_again() -> None:
    order = returning()
    order.refused_email = order.known_email
    customer_says(order, "可以")
    customer_says(order, "好的")
    assert (phrases(order), order.email) == (["ask_address"], None)


def test_an_address_accepts_no_picture_that_was_refused() -> None:
    order = shown_order(pictures=2)
    customer_says(order, "第一张不行")
    send(order, "email_provided", email="wang@example.com")
    assert [picture.accepted for picture in order.live] == [False, True]
    assert not delivering.is_deliverable(order)


def test_a_link_to_look_at_the_preview_gives_no_originals_away() -> None:
    order = shown_order()
    customer_says(order, "发个链接我看看效果")
    assert (order.links_offered, order.live[0].accepted) == (False, False)


def test_where_to_send_it_is_asked_anew_after_a_revision() -> None:
    order = shown_order()
    customer_says(order, "可以")
    customer_says(order, "不行,太暗")
    make(order, order.live[0])
    order.mark_told(order.serial)
    customer_says(order, "可以")
    assert phrases(order) == ["ask_address"]


def test_a_letter_that_is_tried_again_keeps_its_number_and_any_other_one_has_the_next() -> None:
    order = accepted_order(email="wang@example.com")
    first = delivering.next_mail(order)
    assert (delivering.next_mail(order), first.delivery) == (first, 1)
    send(order, "email_provided", email="li@example.com")
    assert delivering.next_mail(order).delivery == 2
    delivering.mail_cancelled(order, delivering.next_mail(order), NOW)
    assert (told(order), delivering.next_mail(order).delivery) == (["letter_called_off"], 3)
    post(order, delivering.next_mail(order), refused=True)
    send(order, "email_provided", email="li@example.com")
    assert delivering.next_mail(order).delivery == 4


@pytest.mark.parametrize("ends", ["called_off", "sent", "refused"])
def test_the_end_of_a_letter_to_an_old_address_leaves_the_one_to_the_new_address_its_number(ends: str) -> None:
    order = accepted_order(email="wang@example.com")
    old = delivering.next_mail(order)
    delivering.mail_failed(order, old, said("error.timeout"), NOW)
    send(order, "email_provided", email="li@example.com")
    new = delivering.next_mail(order)
    delivering.mail_cancelled(order, old, NOW) if ends == "called_off" else post(order, old, refused=ends == "refused")
    assert delivering.next_mail(order) == new, "tried again, it is the same letter"


def test_a_letter_that_was_taken_after_all_says_nothing_to_the_customer_of_a_cancelled_order() -> None:
    order = accepted_order(email="wang@example.com")
    letter, before = delivering.next_mail(order), len(order.outbox)
    send(order, "refund_recorded", refund_id="r1")
    post(order, letter)
    assert (order.status, order.deliveries, len(order.outbox)) == (Status.CANCELLED, 1, before)
    assert told(order)[-1] == "mailed_all_the_same"


def test_the_file_with_the_visible_label_is_delivered_unless_the_customers_words_against_it_are_on_record() -> None:
    order = accepted_order()
    result = order.live[0].result
    result.plain_size = 7
    assert [(file.key, file.file_size) for file in delivering.files(order)] == [(result.file.key, 9)]
    send(order, "consent_recorded", kind="no_ai_label")
    assert delivering.files(order)[0].key == result.file.key
    send(order, "consent_recorded", kind="no explicit AI label", text="不用标AI")
    (file,) = delivering.files(order)
    assert (file.key, file.file_size, file.filename) == (result.plain_key, 7, f"{order.order_id}_1.png")


def test_a_link_to_the_file_without_the_label_completes_the_order_as_well() -> None:
    order = shown_order()
    result = order.live[0].result
    result.plain_size = 7
    send(order, "consent_recorded", kind="no_ai_label", text="不用标AI")
    customer_says(order, "可以,直接发链接给我吧")
    assert list(order.outbox[-1].links.values()) == [result.plain_key]
    send(order, "link_opened", key=result.plain_key)
    assert order.status is S.COMPLETED


def test_a_mail_without_the_visible_label_says_so_on_the_trail() -> None:
    order = accepted_order()
    order.live[0].result.plain_size = 7
    send(order, "consent_recorded", kind="no_ai_label", text="不用标AI")
    post(order)
    assert order.status is S.COMPLETED
    consent, mailed = (next(line for line in order.journal if line.what == what) for what in ("consent", "mailed"))
    assert (consent.facts["text"], consent.at, mailed.facts["label"]) == ("不用标AI", NOW, "waived")
