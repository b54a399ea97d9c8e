"""Decides which act follows from a message in a situation: every clause must be of a class that allows the act."""

import re

from domain.language.acts import (
    TALK,
    TO_ACCEPT,
    TO_ASK_BACK,
    TO_ASK_WHAT,
    TO_BEGIN_A_ROUND,
    TO_MAIL,
    TO_NOTE,
    TO_REMEMBER,
    TO_SAY_YES,
    TO_SEND_AGAIN,
    Act,
    Decision,
    Situation,
)
from domain.language.reading import ALARMS, Reading
from domain.vocabulary.status import GONE, Status

_ANOTHER_MAILBOX = re.compile("qq|扣扣|q号|163|126|网易|谷歌|gmail|公司|工作|私人|新|另|别|老公|换|改")
_NOT_THAT = re.compile("(?:这个|那个)?(?:不对|不是|错了)(?:这个|那个)?[了啊呀哦的]*")
NOTHING = Decision(act=Act.NOTHING)


def decide(reading: Reading, situation: Situation) -> Decision:
    """Return what follows from a message; NOTHING if any clause is not understood."""
    if reading.kinds & set(ALARMS):
        return Decision(act=Act.TELL_STAFF)
    if situation.status in GONE:
        return NOTHING
    if situation.status is Status.COMPLETED:
        return _after_delivery(reading)
    if not situation.waiting:
        wishes = "description" in reading.kinds and reading.holds_only(*TO_NOTE)
        return Decision(act=Act.NOTE) if wishes else NOTHING
    return NOTHING if situation.is_held else _about_a_preview(reading, situation)


def remembered_address(reading: Reading) -> str | None:
    """Return the address that a message gives to send to, whatever else it says about the picture."""
    return reading.address if reading.holds_only(*TO_REMEMBER) else None


def _after_delivery(reading: Reading) -> Decision:
    if "resend" in reading.kinds and reading.holds_only(*TO_SEND_AGAIN):
        return Decision(act=Act.ASK_BACK if reading.is_doubtful else Act.MAIL)
    return NOTHING


def _about_a_preview(reading: Reading, situation: Situation) -> Decision:
    for find in (_refused, _asked_back, _mailed, _said_yes, _content, _linked):
        if decision := find(reading, situation):
            is_yes = decision.act in {Act.MAIL, Act.ACCEPT}
            return NOTHING if is_yes and reading.counts() - {len(situation.waiting)} else decision
    return NOTHING


def _refused(reading: Reading, situation: Situation) -> Decision | None:
    """A refusal, or the answer to our question what to change or in which picture."""
    describes = "description" in reading.kinds
    if _is_of_something_else(reading, situation):
        return None
    if situation.is_asked_which and reading.pictures_of(*reading.kinds) and reading.holds_only("picture", *TALK):
        return _change(reading, situation, Act.ROUND)
    if "refusal" not in reading.kinds and not (situation.asked and describes):
        return None
    is_clear = reading.holds_only(*TO_BEGIN_A_ROUND) and not _is_torn(reading)
    if describes and is_clear:
        return _change(reading, situation, Act.ROUND)
    if "refusal" in reading.kinds and reading.holds_only(*TO_ASK_WHAT):
        return _change(reading, situation, Act.ASK_WHAT)
    return None


def _is_of_something_else(reading: Reading, situation: Situation) -> bool:
    """Whether it is about another picture than those shown, or about the address we have just offered."""
    refusals = reading.of("refusal")
    is_bare = bool(refusals) and all(_NOT_THAT.fullmatch(clause.said) for clause in refusals)
    is_address = situation.is_address_offered and is_bare and "description" not in reading.kinds
    return is_address or (situation.pictures == 1 and reading.speaks_of_another())


def _is_torn(reading: Reading) -> bool:
    """Whether the same picture is both accepted and refused, without a contrast such as 但是."""
    if "content" not in reading.kinds or "contrast" in reading.kinds:
        return False
    liked, refused = reading.pictures_of("content"), reading.pictures_of("refusal", "description")
    return not liked or bool(set(liked) & set(refused))


def _change(reading: Reading, situation: Situation, act: Act) -> Decision:
    """Apply a change to the picture that is named, or to the only one waiting; otherwise ask."""
    candidates = situation.asked or situation.shown
    named = reading.pictures_of("refusal", "description") or (
        [] if "content" in reading.kinds else reading.pictures_of(*reading.kinds)
    )
    if situation.pictures == 1:
        return Decision(act=act, picture=1)
    if reading.speaks_of_others("refusal", "description", "contrast") and not named:
        return Decision(act=Act.ASK_WHAT)
    if len(named) == 1:
        return Decision(act=act, picture=named[0]) if named[0] in situation.waiting else Decision(act=Act.ASK_WHAT)
    if not named and len(candidates) == 1:
        return Decision(act=act, picture=candidates[0])
    return Decision(act=Act.ASK_WHAT)


def _asked_back(reading: Reading, situation: Situation) -> Decision | None:  # noqa: ARG001 - one of a row
    if reading.is_doubtful and reading.holds_only(*TO_ASK_BACK):
        return Decision(act=Act.ASK_BACK)
    return None


def _mailed(reading: Reading, situation: Situation) -> Decision | None:
    if reading.address is None or not reading.holds_only(*TO_MAIL):
        return None
    is_lost = "missing" in reading.kinds and "resend" not in reading.kinds
    if is_lost or not (situation.shown or "no_change" in reading.kinds):
        return NOTHING
    return _accepted(reading, situation, Act.MAIL)


def _said_yes(reading: Reading, situation: Situation) -> Decision | None:
    """A yes to the address that we offered."""
    is_yes = bool(reading.kinds & {"yes", "assent", "content", "delivery"}) and reading.holds_only(*TO_SAY_YES)
    is_another = any(_ANOTHER_MAILBOX.search(clause.said) for clause in reading.of("delivery"))
    if situation.is_address_offered and is_yes and not is_another and situation.shown:
        return Decision(act=Act.MAIL)
    return None


def _content(reading: Reading, situation: Situation) -> Decision | None:
    if not reading.holds_only(*TO_ACCEPT):
        return None
    signs = {"content", "no_change"} if situation.shown else {"no_change"}  # asked what to change, they say ok
    if not reading.kinds & signs:
        return None
    return _accepted(reading, situation, Act.ACCEPT)


def _linked(reading: Reading, situation: Situation) -> Decision | None:
    """A download link is given only for what the customer has accepted before."""
    if situation.is_accepted and "link" in reading.kinds and reading.holds_only("link", "delivery", "void", *TALK):
        return Decision(act=Act.ACCEPT, is_link=True)
    return None


def _accepted(reading: Reading, situation: Situation, act: Act) -> Decision:
    """Accept all pictures, or if only one of several is accepted, ask about the others."""
    is_link = "link" in reading.kinds
    named = reading.pictures_of(*reading.kinds)
    if situation.pictures == 1 or not named:
        return Decision(act=act, is_link=is_link)
    others = set(situation.shown) - set(named)
    if len(named) > 1:
        return Decision(act=act, is_link=is_link) if not others else NOTHING
    if named[0] not in situation.waiting:
        return Decision(act=Act.ASK_WHAT)
    return Decision(act=Act.ASK_BACK if others else act, picture=named[0], is_link=is_link)
