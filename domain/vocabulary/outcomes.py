"""The possible outcomes of a call to a model: each one has a row in docs/models.md and a test."""

from enum import StrEnum


class Outcome(StrEnum):
    """How a call to a model ended, or how the quality check judged its image."""

    # It answered.
    MADE = "made"
    PASSED = "passed"
    POOR = "poor"
    UNCHANGED = "unchanged"
    WRONG_FILE = "wrong_file"
    # It refuses; a retry does not help.
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    BAD_INPUT = "bad_input"
    # Staff have to fix something first.
    NOT_SET_UP = "not_set_up"
    # It is unavailable.
    BUSY = "busy"
    BROKEN = "broken"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    # It answered, but the response is unusable.
    GARBLED = "garbled"
    NO_PICTURE = "no_picture"
    ONLY_WORDS = "only_words"
    BROKEN_PICTURE = "broken_picture"
    LOST_PICTURE = "lost_picture"
    # We stopped it, or did not start.
    TOO_DEAR = "too_dear"
    CALLED_OFF = "called_off"
    INTERRUPTED = "interrupted"
