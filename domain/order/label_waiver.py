"""The customer's wish to leave the visible AI label out, which the law allows only if it is on record."""

import re
from collections.abc import Mapping

KINDS = {"no_ai_label", "no_explicit_ai_label", "no_visible_ai_label"}


def is_waived(consents: Mapping[str, str]) -> bool:
    """Whether a consent leaves the label out: it must be of a kind that says so, in the customer's own words."""
    return any(_plain(kind) in KINDS and words.strip() for kind, words in consents.items())


def _plain(kind: str) -> str:
    return re.sub(r"[\W_]+", "_", kind.lower()).strip("_")
