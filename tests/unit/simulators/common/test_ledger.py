"""The simulators' ledger."""

from pathlib import Path

from simulators.common.ledger import Ledger


def test_entries_are_numbered_and_read_from_a_number_on(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for word in ("one", "two", "three"):
        ledger.add(word=word)
    assert [(entry["n"], entry["word"]) for entry in ledger.read(since=1)] == [(2, "two"), (3, "three")]
    ledger.close()


def test_a_ledger_with_any_line_break_of_unicode_is_read_back_whole(tmp_path: Path) -> None:
    said = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei\rj\nk"
    ledger = Ledger(tmp_path / "bot.jsonl")
    ledger.add(text=said)
    ledger.close()
    again = Ledger(tmp_path / "bot.jsonl")
    assert [entry["text"] for entry in again.read()] == [said]
    again.close()


def test_entries_are_found_by_a_fact_by_one_of_a_list_and_by_the_order_they_mention(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(kind="text", message_id="ORDER_20261122_7K3F9Q-M1", to=["a", "b"])
    ledger.add(kind="image", message_id="ORDER_20261122_AAAAAA-M1", to=["b"])
    assert [entry["n"] for entry in ledger.read(kind="image")] == [2]
    assert [entry["n"] for entry in ledger.read(to="a")] == [1]
    assert [entry["n"] for entry in ledger.read(order="ORDER_20261122_7K3F9Q")] == [1]
    assert ledger.read(kind="image", to="a") == []
    ledger.close()


def test_a_line_cut_by_a_kill_is_dropped_and_the_ledger_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    first = Ledger(path)
    first.add(word="whole")
    first.close()
    path.write_text(path.read_text("utf-8") + '{"n": 2, "wo', "utf-8")
    second = Ledger(path)
    second.add(word="next")
    second.close()
    third = Ledger(path)
    assert [(entry["n"], entry["word"]) for entry in third.read()] == [(1, "whole"), (2, "next")]
    third.close()
