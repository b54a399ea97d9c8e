"""`darkroom make`: what it asks for, refuses and prints; the local model itself is replaced."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from adapters.imaging.local import LocalModel
from adapters.imaging.studio import Studio
from cli import app
from domain.ports import Deliverable, EncodedImage, FileCheck, Generation, PictureFacts, Wish
from domain.texts.phrase import Said, said
from domain.vocabulary.errors import ModelRefused
from domain.vocabulary.outcomes import Outcome
from domain.vocabulary.pictures import ModelCall, Operation, TargetSize
from domain.vocabulary.provenance import Provenance

PNG = "image/png"


class Bench:
    """What the model and the studio were asked, and what the check finds."""

    def __init__(self) -> None:
        self.wish: Wish | None = None
        self.made_by: Provenance | None = None
        self.issue = Said()
        self.refusal: Exception | None = None

    async def inspect(self, picture: EncodedImage, *, ours: bool = False) -> PictureFacts:
        return PictureFacts(PNG, 4, 3)

    async def generate(self, original: EncodedImage, wish: Wish, aspect_ratio: str) -> Generation:
        self.wish = wish
        if self.refusal:
            raise self.refusal
        call = ModelCall(provider="local", model="local-opencv")
        return Generation((original,), call, {"edits": "white background"})

    async def finish(self, original: EncodedImage, raw: EncodedImage, wish: Wish, made_by: Provenance) -> Deliverable:
        self.made_by = made_by
        return Deliverable(EncodedImage(b"made", PNG), EncodedImage(b"made", PNG), "png")

    async def check(self, original: EncodedImage, file: EncodedImage, view: EncodedImage, wish: Wish) -> FileCheck:
        facts: Mapping[str, Any] = {"difference": 4.2}
        return FileCheck(self.issue, facts)

    async def with_visible_label(self, file: EncodedImage) -> EncodedImage:
        return EncodedImage(file.data + b" and labelled", PNG)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    bench = Bench()
    for name in ("inspect", "finish", "check", "with_visible_label"):
        monkeypatch.setattr(Studio, name, _without_self(getattr(bench, name)))
    monkeypatch.setattr(LocalModel, "generate", _without_self(bench.generate))
    return bench


def _without_self(work: Any) -> Any:
    return lambda _, *arguments, **options: work(*arguments, **options)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "cat.jpg"
    path.write_bytes(b"photo")
    return path


def make(*words: str | Path) -> Any:
    return CliRunner().invoke(app, ["make", *map(str, words)])


def test_the_file_is_written_with_the_ending_of_its_kind_and_its_label(bench: Bench, photo: Path) -> None:
    result = make("edit", photo, "--words", "换成白底", "-o", photo.parent / "white.jpg")
    assert (result.exit_code, result.stdout) == (0, f"{photo.parent / 'white.png'}: 4x3, 17 bytes, by local-opencv\n")
    assert (photo.parent / "white.png").read_bytes() == b"made and labelled"
    assert bench.wish == Wish(Operation.EDIT, "换成白底")
    assert bench.made_by
    assert bench.made_by.produce_id.startswith("make-")


def test_the_visible_label_can_be_left_out_to_try_things(bench: Bench, photo: Path) -> None:
    make("edit", photo, "--no-visible-label", "-o", photo.parent / "white.png")
    assert (photo.parent / "white.png").read_bytes() == b"made"
    assert bench.made_by is not None


def test_the_facts_are_printed_as_json(bench: Bench, photo: Path) -> None:
    result = json.loads(make("resize", photo, "--words", "一寸", "-o", photo.parent / "id", "--json").stdout)
    assert (result["model"], result["facts"], result["issue"]) == ("local-opencv", {"difference": 4.2}, "")
    assert bench.wish
    assert bench.wish.size == TargetSize(width=295, height=413, dpi=300, id_photo="一寸")


def test_a_file_that_does_not_pass_is_written_all_the_same(bench: Bench, photo: Path) -> None:
    bench.issue = said("check.unchanged")
    result = make("edit", photo, "-o", photo.parent / "x.png")
    assert (result.exit_code, (photo.parent / "x.png").exists()) == (1, True)
    assert result.stderr == "Check: the result is identical to the original\n"


def test_what_cannot_be_made_is_said_in_plain_words(bench: Bench, photo: Path) -> None:
    bench.refusal = ModelRefused("The local model cannot do free edits", Outcome.BAD_INPUT)
    result = make("edit", photo, "-o", photo.parent / "x.png")
    assert (result.exit_code, result.stderr) == (1, "darkroom: The local model cannot do free edits\n")


@pytest.mark.parametrize("words", [("resize", "photo"), ("nothing", "photo"), ("edit", "no-such-photo")])
def test_a_wrong_use_is_explained(bench: Bench, photo: Path, words: tuple[str, str]) -> None:
    operation, name = words
    result = make(operation, photo if name == "photo" else photo.parent / name, "-o", photo.parent / "x.png")
    assert (result.exit_code, bench.wish) == (2, None)


def test_a_place_that_cannot_be_written_is_named(bench: Bench, photo: Path) -> None:
    result = make("edit", photo, "-o", photo.parent / "none" / "x.png")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
