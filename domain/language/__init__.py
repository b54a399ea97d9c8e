"""Understands customers' messages: folds them, splits them into clauses, and matches each one with the lexicon."""

from domain.language.acts import IRREVERSIBLE, Act, Decision, Situation
from domain.language.addresses import exact_address, without_addresses
from domain.language.decisions import decide, remembered_address
from domain.language.operations import read_operation
from domain.language.reading import ALARMS, Reading, read
from domain.language.wishes import Wish, note_for, wishes

__all__ = [
    "ALARMS", "IRREVERSIBLE", "Act", "Decision", "Reading", "Situation", "Wish", "decide", "exact_address", "note_for",
    "read", "read_operation", "remembered_address", "wishes", "without_addresses",
]  # fmt: skip
