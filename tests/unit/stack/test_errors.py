from pathlib import Path

from stack.errors import ChildDied, NotReady


def test_a_death_is_told_with_the_last_twenty_lines_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("".join(f"line {number}\n" for number in range(1, 31)))
    message = str(ChildDied("worker", 3, log))
    assert message.startswith(f"worker exited with code 3; last lines of {log}:\n    line 11\n")
    assert message.endswith("line 30")


def test_a_death_by_signal_names_the_signal(tmp_path: Path) -> None:
    assert "gateway was killed by SIGKILL" in str(ChildDied("gateway", -9, tmp_path / "gateway.log"))


def test_one_that_never_answers_is_named_with_the_seconds_waited(tmp_path: Path) -> None:
    assert "temporal is not ready after 120 s" in str(NotReady("temporal", 120, tmp_path / "temporal.log"))
