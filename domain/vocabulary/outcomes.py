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
