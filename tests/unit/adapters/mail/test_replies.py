"""Whose a mail server's refusal is: replies as real servers give them."""

import aiosmtplib
import pytest

from adapters.mail.replies import classify
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import AddressRefused, DarkroomError, LetterTooLarge, OutsideRefused, OutsideUnavailable

CUSTOMERS = [
    # Gmail
    "550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the address",
    "550 5.2.1 The email account that you tried to reach is disabled.",
    # Outlook and Exchange
    "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient li@contoso.example not found by SMTP address lookup",
    "550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found",
    # Postfix
    "550 5.1.1 <li@x.example>: Recipient address rejected: User unknown in virtual mailbox table",
    "550 5.1.1 <li@x.example>: Recipient address rejected: undeliverable address: unknown user: \"li\"",
    "550 5.1.6 Recipient no longer on server: li@x.example",
    "550 5.1.2 <li@nowhere.example>: Recipient address rejected: Domain not found",
    "501 5.1.3 Bad recipient address syntax",
    # Exim
    "550 No such user here",
    "550 Unrouteable address",
    "550 unknown user",
    "550 Unknown local part li in <li@x.example>",
    # QQ, 163, Aliyun, Sina
    "550 Mailbox not found. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000728",
    "550 User not found: li@163.com",
    "550 Invalid User : li@163.com",
    "550 User suspended: li@126.com",
    "550 5.1.1 User unknown",
    "550 用户不存在",
    # Others
    "550 #5.1.1 bad address li@x.example",
    "550 Requested action not taken: user account is inactive",
    "550 <li@x.example>, Recipient unknown",
    "553 5.1.3 Invalid address format",
    "550 no such mailbox",
    # Words of ours in an address, a link or a name are none
    "550 5.1.1 <blockwang@x.example>: Recipient address rejected: User unknown in local recipient table",
    "550 5.1.1 <limit.li@qq.com> User unknown",
    "550 5.1.1 li@spam-free.example: User unknown",
    "550 5.1.1 The email account does not exist. See https://support.example/policy?p=NoSuchUser",
    "550 5.1.1 Recipient address rejected: User unknown in relay recipient table",
    "550 RCPT (li@sina.com) user dosn't exist",
    "554 delivery error: dd This user doesn't have a yahoo.com account (li@yahoo.com) [0]",
    "550 收信人不存在",
    "550 邮箱帐户被停用",
]  # fmt: skip
STAFFS = [
    # Gmail
    "550 5.7.1 [203.0.113.9] Our system has detected that this message is likely unsolicited mail.",
    "550 5.7.26 This mail has been blocked because the sender is unauthenticated. Gmail requires it",
    "550 5.4.5 Daily user sending limit exceeded",
    "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
    "552 5.2.2 The recipient's inbox is out of storage space",
    "552 5.7.0 This message was blocked because its content presents a potential security issue",
    # Outlook and Exchange
    "550 5.7.1 Service unavailable, Client host [203.0.113.9] blocked using Spamhaus",
    "550 5.7.501 Access denied, spam abuse detected from IP",
    "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP",
    "550 5.7.57 Client not authenticated to send mail",
    "550 5.4.1 Recipient address rejected: Access denied",
    "550 5.5.0 Requested action not taken: mailbox unavailable",
    # Postfix
    "554 5.7.1 <li@x.example>: Relay access denied",
    "554 5.7.1 Service unavailable; Client host [203.0.113.9] blocked using zen.spamhaus.org",
    "554 5.7.1 <li@x.example>: Recipient address rejected: Access denied",
    "550 5.7.1 <li@x.example>: Recipient address rejected: Message rejected due to: SPF fail - not authorized",
    "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname",
    "530 5.7.0 Must issue a STARTTLS command first",
    "554 5.6.0 Message content rejected",
    # Exim
    "550 relay not permitted",
    "550 Sender verify failed",
    "550 Administrative prohibition",
    "550 rejected because 203.0.113.9 is in a black list at dnsbl.sorbs.net",
    # QQ, 163
    "550 Ip frequency limited. http://service.mail.qq.com/cgi-bin/help?id=20022",
    "550 Domain frequency limited",
    "550 Mailbox unavailable or access denied",
    "550 Mail content denied",
    "550 Suspected spam",
    "554 DT:SPM 163 smtp11,1,D8CowEBpCUEvYlRhDTDZAg--.5678S2 1632920111",
    "553 sender is not authorised: authentication is required",
    "553 authentication is required",
    # No more is said than that it is refused
    "550 Requested action not taken: mailbox unavailable",
    "550 rejected",
    "554 Transaction failed",
    "551 User not local",
    "550 5.1.1 <li@x.example>: sender blocked by policy",
    "550 5.1.8 Sender address rejected: Domain not found",
    "550 5.0.0 Not today",
    # It is our own account or address that there is not
    "550 Your account has been disabled",
    "550 5.1.1 Your mailbox does not exist here",
    "550 From address does not exist",
    "550 Invalid mailbox in MAIL FROM",
    "550 Bad address in header From",
    "550 envelope-from address unknown",
    "550 Sending account inactive",
    "550 Reverse DNS address not found",
    "550 unknown address family",
    "550 could not verify your address: unknown user",
    "550 发件人地址不存在",
    "550 用户不存在: 发信账号",
    "550 The account orders@darkroom.example was disabled",
    "550 5.1.1 <Orders@Darkroom.example>: User unknown in virtual mailbox table",
]  # fmt: skip
TOO_LARGE = [
    "552 5.3.4 Message size exceeds fixed limit",
    "552 5.2.3 Your message exceeded Google's message size limits.",
    "554 5.3.4 Message size exceeds limit",
    "552 Message size exceeds maximum permitted",
    "550 5.2.3 Message too large",
    "550 Message is too large",
    "552 Requested mail action aborted: exceeded storage allocation",
    "523 5.3.4 the message length exceeds the administrative limit",
]  # fmt: skip


def answered(reply: str, stage: str, *, has_attachments: bool = False) -> DarkroomError:
    code, words = int(reply[:3]), reply[4:]
    errors = {
        "MAIL": aiosmtplib.SMTPSenderRefused(code, words, "orders@darkroom.example"),
        "RCPT": aiosmtplib.SMTPRecipientsRefused([aiosmtplib.SMTPRecipientRefused(code, words, "li@x.example")]),
        "DATA": aiosmtplib.SMTPDataError(code, words),
        "AUTH": aiosmtplib.SMTPAuthenticationError(code, words),
    }
    return classify(errors[stage], sender="orders@darkroom.example", has_attachments=has_attachments)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("reply", CUSTOMERS)
def test_only_an_address_that_there_is_not_is_the_customers_to_mend(reply: str, stage: str) -> None:
    error = answered(reply, stage, has_attachments=True)
    assert type(error) is AddressRefused
    assert reply[:20] in TEXTS["zh"].say(error.told)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
@pytest.mark.parametrize("reply", STAFFS)
def test_whatever_else_is_refused_is_staffs_to_mend(reply: str, stage: str) -> None:
    error = answered(reply, stage)
    assert type(error) is OutsideRefused
    assert reply[:20] in TEXTS["zh"].say(error.told)


@pytest.mark.parametrize("stage", ["MAIL", "AUTH"])
@pytest.mark.parametrize("reply", CUSTOMERS + STAFFS)
def test_what_is_refused_before_the_recipient_is_named_is_never_the_customers(reply: str, stage: str) -> None:
    assert type(answered(reply, stage)) is OutsideRefused


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("reply", TOO_LARGE)
def test_a_letter_that_is_too_large_may_go_without_its_attachments(reply: str, stage: str) -> None:
    assert type(answered(reply, stage, has_attachments=True)) is LetterTooLarge
    assert type(answered(reply, stage)) is OutsideRefused


@pytest.mark.parametrize("reply", CUSTOMERS + STAFFS + TOO_LARGE)
def test_what_is_refused_for_now_is_tried_again(reply: str) -> None:
    assert type(answered(f"4{reply[1:]}".replace(" 5.", " 4."), "RCPT", has_attachments=True)) is OutsideUnavailable
