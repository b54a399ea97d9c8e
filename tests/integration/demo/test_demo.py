"""`make demo` does what it says, with either provider, and fails when the letter does not arrive."""

from pathlib import Path

import pytest

from tests.integration.demo.playing import expect_both_acts, play


@pytest.mark.timeout(400)
def test_the_demonstration_ends_with_the_pictures_in_the_mailbox(tmp_path: Path) -> None:
    ran = play(tmp_path / "某 店", "local")
    why = "the local model can only change the background to a solid colour"
    expect_both_acts(ran, tmp_path / "某 店", "(local model) local-realesrgan-x4", why)


@pytest.mark.timeout(400)
def test_a_demonstration_whose_letter_cannot_go_out_does_not_end_well(tmp_path: Path) -> None:
    ran = play(tmp_path, "gemini-simulator", "--patience", "30", SMTP_PORT="9")
    assert ran.returncode == 1
    assert "picture 1, attempt 2 (Gemini) gemini-3.1-" in ran.stdout
    assert "No progress for 30 s" in ran.stdout
