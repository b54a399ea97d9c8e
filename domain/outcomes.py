"""What a call to a model can come to: every outcome has a name here, a row in docs/models.md and a test behind it."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a call to a model ended, or what the quality check found of its picture."""

    # It answered.
    MADE = "made"
    PASSED = "passed"
    POOR = "poor"
    UNCHANGED = "unchanged"
    WRONG_FILE = "wrong_file"
    # It will not, however often it is asked.
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    BAD_INPUT = "bad_input"
    # Staff must mend something first.
    NOT_SET_UP = "not_set_up"
    # It cannot now.
    BUSY = "busy"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    # It answered, with nothing to use.
    GARBLED = "garbled"
    NO_PICTURE = "no_picture"
    ONLY_WORDS = "only_words"
    BROKEN_PICTURE = "broken_picture"
    LOST_PICTURE = "lost_picture"
    # We broke it off, or did not begin.
    TOO_DEAR = "too_dear"
    CALLED_OFF = "called_off"
    INTERRUPTED = "interrupted"


# How records and people are told; phrases.toml says them in the shop's language.
WORDS: dict[Outcome, str] = {
    Outcome.UNCHANGED: "the same picture came back",
    Outcome.WRONG_FILE: "the file is not what was asked for",
    Outcome.REFUSED: "the model refuses the picture or the words",
    Outcome.FORBIDDEN: "the model takes it for forbidden content",
    Outcome.BAD_INPUT: "the model cannot read the picture or the request",
    Outcome.NOT_SET_UP: "the key or the account of the model is not in order",
    Outcome.BUSY: "the model is too busy",
    Outcome.BROKEN: "the model is out of order",
    Outcome.UNREACHABLE: "the model cannot be reached",
    Outcome.TIMED_OUT: "the model did not answer in time",
    Outcome.CUT_OFF: "the connection to the model broke off",
    Outcome.GARBLED: "the model's answer cannot be read",
    Outcome.NO_PICTURE: "the model made no picture",
    Outcome.ONLY_WORDS: "the model answered with words instead of a picture",
    Outcome.BROKEN_PICTURE: "the model's picture is broken",
    Outcome.LOST_PICTURE: "the model's picture could not be fetched",
    Outcome.TOO_DEAR: "the attempts have cost as much as they may",
}


def told(outcome: Outcome | None, reason: str) -> str:
    """Return a reason that begins with what people understand, and ends with what the provider said."""
    words = WORDS.get(outcome) if outcome else None
    return f"{words}: {reason}" if words and reason else words or reason
