"""Classifies a mail server's refusals by enhanced status code (RFC 3463), else by text.

Only a certainly invalid recipient address is for the customer to fix; everything else is for staff.
"""

import re

import aiosmtplib

from domain.texts.phrase import said
from domain.vocabulary.errors import (
    AddressRefused,
    DarkroomError,
    LetterTooLarge,
    OutsideRefused,
    OutsideUnavailable,
    away,
    refuses,
)

PERMANENT = 500  # the first reply code for permanent errors (RFC 5321, 4.2.1)
TOO_LARGE_REPLY = 552  # or the mailbox is full: sending without attachments will tell
LONGEST = 300  # characters of a reply
# No such mailbox, no such host, bad syntax, moved away, no such user at Exchange, switched off.
BAD_ADDRESS = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
TOO_LARGE = {"5.2.3", "5.3.4"}
_CODE = re.compile(r"\s*#?([245]\.\d{1,3}\.\d{1,3})\b")
_THEIRS = r"(?:user|recipient|mailbox|address|account|local part)"
_OF_THE_ADDRESS = re.compile(
    rf"no such (?:{_THEIRS}|person)|{_THEIRS}\b.{{0,60}}?n.?t have an?\b.{{0,60}}? account"
    rf"|not a (?:known|valid) {_THEIRS}|(?:unknown|invalid|bad|non-?existent|unroute?able) {_THEIRS}"
    rf"|{_THEIRS}\b.{{0,60}}?(?:unknown|not found|not known|not exist|n.?t exist|no longer|disabled|inactive|suspended)"
    r"|(?:用户|收件人|收信人|邮箱|[帐账][号户]|地址).{0,8}(?:不存在|无效|停用|未找到)",
    re.IGNORECASE,
)
# Any of these means that the refusal is about us, our server or our e-mail.
_OF_OURS = re.compile(
    r"spam|block|black ?list|dnsbl|\brbl\b|reputation|relay(?! recipient table)|\bauth|log ?in|\bspf\b|dkim|dmarc"
    r"|\bsend|sender|\bfrom\b|envelope|header|\byour\b|\bdns\b|family|发件|发信|寄件|policy|denied"
    r"|not allowed|prohibit|frequency|\brate\b|too many|limit|quota|content|virus|greylist|client host|\bhelo\b|\bip\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"<[^<>]*>|\S+@\S+|https?://\S+")  # addresses may contain any word
_OF_THE_SIZE = re.compile(r"(?:message|mail|size)\b.{0,40}(?:too (?:large|big)|exceed|size limit)", re.IGNORECASE)


def classify(error: Exception, *, sender: str = "", has_attachments: bool = False) -> DarkroomError:
    """Return our error for an SMTP or network error (RFC 5321: 4xx temporary, 5xx permanent).

    A reply that contains the `sender` is about us.
    """
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        reply = error.recipients[0]
        return _of_reply(reply, has_attachments=has_attachments, may_be_address=not _names(reply, sender))
    if isinstance(error, aiosmtplib.SMTPResponseException):
        is_of_data = isinstance(error, aiosmtplib.SMTPDataError)  # some servers check the recipient only then
        may_be_address = is_of_data and not _names(error, sender)
        return _of_reply(error, has_attachments=has_attachments, may_be_address=may_be_address)
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return OutsideRefused(f"The mail server lacks what is needed: {error}", why=refuses("mail_server", str(error)))
    return OutsideUnavailable(f"The mail server cannot be reached: {error!r}", why=away("mail_server"))


def _names(reply: aiosmtplib.SMTPResponseException, sender: str) -> bool:
    return bool(sender) and sender.casefold() in reply.message.casefold()


def _of_reply(reply: aiosmtplib.SMTPResponseException, *, has_attachments: bool, may_be_address: bool) -> DarkroomError:
    words = f"{reply.code} {reply.message}"[:LONGEST]
    answered = f"The mail server answered {words}"
    if reply.code < PERMANENT:
        return OutsideUnavailable(answered, why=away("mail_server", words))
    if has_attachments and is_about_size(reply.code, reply.message):
        return LetterTooLarge(answered)
    if may_be_address and is_bad_address(reply.message):
        return AddressRefused(f"The recipient was refused: {words}", why=said("error.address_refused", detail=words))
    return OutsideRefused(answered, why=refuses("mail_server", words))


def is_bad_address(words: str) -> bool:
    """Whether a refusal certainly means that the mailbox does not exist."""
    enhanced, words = _CODE.match(words), _QUOTED.sub("…", words)
    if _OF_OURS.search(words):
        return False
    return enhanced[1] in BAD_ADDRESS if enhanced else bool(_OF_THE_ADDRESS.search(words))


def is_about_size(code: int, words: str) -> bool:
    """Whether a smaller e-mail might be accepted."""
    enhanced = _CODE.match(words)
    if enhanced:
        return enhanced[1] in TOO_LARGE
    return code == TOO_LARGE_REPLY or bool(_OF_THE_SIZE.search(words))
