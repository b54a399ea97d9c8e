"""`darkroom check`: what it prints, and its exit status."""

import json
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from cli import app
from runtime.paths import ROOT


@pytest.fixture
def pictures(tmp_path: Path) -> tuple[Path, Path]:
    """A photograph, and the same moved by 5 %."""
    original, moved = tmp_path / "photo.png", tmp_path / "result.png"
    with Image.open(ROOT / "demo/photos/coffee.jpg") as photo:
        small = photo.convert("RGB").resize((480, 320))
    small.save(original)
    small.transform(small.size, Image.Transform.AFFINE, (1, 0, 24, 0, 1, 0)).save(moved)
    return original, moved


def check(*words: object) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, words)])


def test_a_moved_result_fails_with_its_kind_and_a_heat_map(pictures: tuple[Path, Path]) -> None:
    ran = check(*pictures, "--operation", "edit", "--words", "换成晚霞", "--json")
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["is_fine"], told["failure"], told["next_step"]) == (1, False, "frame", "repair_prompt")
    assert told["score"] <= 55
    shift = next(fact for fact in told["facts"] if fact["name"] == "frame_shift")
    assert (shift["is_fine"], shift["kind"]) == (False, "frame")
    assert shift["value"] == pytest.approx(0.05, abs=0.003)
    with Image.open(told["heat_map"]) as heat_map:
        assert heat_map.size == (480, 320)
    assert told["heat_map"] == str(pictures[1].with_name("result-heat.png"))


def test_a_fine_result_is_told_in_lines(pictures: tuple[Path, Path], tmp_path: Path) -> None:
    original, _ = pictures
    lighter = tmp_path / "lighter.png"
    with Image.open(original) as photo:
        photo.point(lambda value: round(255 * (value / 255) ** 0.8)).save(lighter)
    ran = check(original, lighter, "--operation", "edit", "--heat-map", tmp_path / "map.png")
    assert ran.exit_code == 0, ran.output
    assert "passed" in ran.stdout
    assert "frame_shift" in ran.stdout
    assert (tmp_path / "map.png").exists()


def test_a_size_that_was_asked_for_is_checked(pictures: tuple[Path, Path]) -> None:
    ran = check(*pictures, "--operation", "resize", "--size", "300x300", "--json")
    assert json.loads(ran.stdout)["failure"] == "file"


@pytest.mark.parametrize("words", [("--size", "big"), ()])
def test_what_cannot_be_read_is_a_usage_error(words: tuple[str, ...], pictures: tuple[Path, Path]) -> None:
    original, result = pictures
    result.write_bytes(b"no picture")
    assert check(original, result, "--operation", "enhance", *words).exit_code == 2
