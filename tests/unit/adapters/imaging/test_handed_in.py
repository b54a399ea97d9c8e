"""Finished files from people: each operation's own kinds are taken, others are refused with what is owed."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFilter
from psd_tools import PSDImage

from adapters.imaging.finish import finish
from adapters.imaging.handed_in import accepting
from adapters.imaging.handed_in.accepting import accept
from adapters.imaging.handed_in.drawings import view_of
from adapters.imaging.handed_in.kinds import OWED
from adapters.imaging.handed_in.terms import Terms
from adapters.imaging.labels import AiLabel, read
from adapters.imaging.limits import Limits
from domain.ports import AcceptedFile, EncodedImage, HandedIn, Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import PictureUnreadable
from domain.vocabulary.pictures import Operation, TargetSize
from tests.unit.adapters.imaging.active_drawings import ACTIVE_PARTS
from tests.unit.adapters.imaging.finishing import subject
from tests.unit.adapters.imaging.labels import LABEL, label_by_others, with_label
from tests.unit.adapters.imaging.pictures import encoded, opened, photograph

Op = Operation
LARGE = photograph("chelsea.png").resize((2080, 1560))
ORIGINAL = encoded(LARGE.resize((520, 390)).filter(ImageFilter.GaussianBlur(2)), "JPEG", quality=90)
SIZE = TargetSize(width=413, height=295, dpi=300)


@cache
def made(operation: Operation) -> bytes:
    """What our own finisher makes: a file that is right."""
    raw = subject() if operation in {Op.REMOVE_BG, Op.LAYERED, Op.REMOVE_BG_AND_LAYER} else encoded(LARGE, "JPEG")
    return finish(ORIGINAL, raw, wish_of(operation), Limits()).file.data


def wish_of(operation: Operation) -> Wish:
    return Wish(operation, "", SIZE if operation is Op.RESIZE else None)


def given(
    folder: Path, data: bytes, operation: Operation | None, label: AiLabel | None = None, **facts: Any
) -> AcceptedFile:
    (folder / "file").write_bytes(data)
    (folder / "original").write_bytes(ORIGINAL.data)
    offered = HandedIn(wish_of(operation), "original", **facts) if operation else HandedIn(**facts)
    return accept(str(folder), offered, Terms(Limits().finished, "PREVIEW", label))


def refused(folder: Path, data: bytes, operation: Operation | None) -> str:
    """What the sender is told, in Chinese."""
    with pytest.raises(PictureUnreadable) as raised:
        given(folder, data, operation)
    return TEXTS["zh"].say(raised.value.told)


@pytest.mark.parametrize("operation", Operation)
def test_the_file_that_an_operation_owes_is_taken(tmp_path: Path, operation: Operation) -> None:
    taken = given(tmp_path, made(operation), operation)
    assert min(taken.width, taken.height) > 100
    assert (tmp_path / "file").read_bytes() == made(operation)
    preview = Image.open(io.BytesIO((tmp_path / "preview.jpg").read_bytes()))
    assert (preview.format, max(preview.size) <= 1280) == ("JPEG", True)
    assert Image.open(io.BytesIO((tmp_path / "view").read_bytes())).size == (taken.width, taken.height)
    assert bool(taken.view_type) == (operation in {Op.LAYERED, Op.REMOVE_BG_AND_LAYER, Op.VECTORIZE})
    assert (taken.is_labelled, taken.is_marked, (tmp_path / "marked").exists()) == (False, False, False)


KINDS: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(LARGE, "JPEG").data,
    "png": lambda: encoded(LARGE.resize((300, 200))).data,
    "psd": lambda: made(Op.LAYERED),
    "svg": lambda: made(Op.VECTORIZE),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("operation", Operation)
def test_a_wrong_kind_is_refused_with_what_is_owed(tmp_path: Path, operation: Operation, kind: str) -> None:
    if kind in {one.name for one in OWED[operation]}:
        return
    told = refused(tmp_path, KINDS[kind](), operation)
    assert kind.upper() in told
    assert TEXTS["zh"].text(f"owed.{operation}", {}) in told


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a zip", b"%PDF-1.7", b"<html><body>svg</body></html>", b"GIF89a"])
def test_what_is_no_image_is_refused(tmp_path: Path, data: bytes) -> None:
    assert "不是图片" in refused(tmp_path, data or b"\0", Op.EDIT)
    assert "不是图片" in refused(tmp_path, data or b"\0", None)


@pytest.mark.parametrize("operation", [Op.ENHANCE, Op.EDIT, Op.FIX_OLD_PHOTO, Op.RESIZE])
def test_handing_the_original_back_is_refused(tmp_path: Path, operation: Operation) -> None:
    assert "就是原图" in refused(tmp_path, ORIGINAL.data, operation)


@pytest.mark.parametrize("operation", [Op.EDIT, Op.FIX_OLD_PHOTO])
def test_the_original_in_another_format_is_still_the_original(tmp_path: Path, operation: Operation) -> None:
    assert "就是原图" in refused(tmp_path, encoded(opened(ORIGINAL), "PNG").data, operation)


def test_a_file_that_misses_a_requirement_is_refused_with_that_requirement(tmp_path: Path) -> None:
    flat = io.BytesIO()
    document = PSDImage.new("RGB", (520, 390))
    document.create_pixel_layer(opened(ORIGINAL), "one")
    document.save(flat)
    assert "主体" in refused(tmp_path, flat.getvalue(), Op.LAYERED)
    assert "413x295" in refused(tmp_path, encoded(LARGE, "JPEG").data, Op.RESIZE)


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    for operation in (Op.LAYERED, Op.VECTORIZE, Op.EDIT):
        data = made(operation)
        with pytest.raises(PictureUnreadable):
            given(tmp_path, data[: len(data) // 2], operation)


@pytest.mark.parametrize("part", ACTIVE_PARTS)
def test_a_drawing_that_fetches_or_runs_something_is_refused(part: str) -> None:
    begin = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'>"
    view_of(f"{begin}<path d='M0 0L9 9' fill='url(#a)'/><use href='#a'/></svg>".encode())
    with pytest.raises(PictureUnreadable):
        view_of(f"{begin}{part}</svg>".encode())
    with pytest.raises(PictureUnreadable):
        view_of(b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + begin.encode() + b"&a;</svg>")


def test_designers_work_is_labelled_only_where_a_model_took_part(tmp_path: Path) -> None:
    for operation in (Op.EDIT, Op.LAYERED, Op.VECTORIZE, Op.REMOVE_BG):
        taken = given(tmp_path, made(operation), operation, LABEL)
        assert (taken.is_labelled, taken.is_marked) == (True, True)
        for name in ("file", "marked", "preview.jpg"):
            assert label_by_others((tmp_path / name).read_bytes())[0] == LABEL.fields
    given(tmp_path, made(Op.EDIT), Op.EDIT)
    assert read((tmp_path / "file").read_bytes()) is None


def test_a_file_that_names_its_own_model_keeps_that_label(tmp_path: Path) -> None:
    taken = given(tmp_path, with_label(made(Op.EDIT)), Op.EDIT, AiLabel(ProduceID="ours"))
    assert taken.is_labelled
    assert label_by_others((tmp_path / "file").read_bytes())[0] == LABEL.fields


def test_no_visible_copy_is_made_for_a_customer_who_waived_it(tmp_path: Path) -> None:
    assert not given(tmp_path, made(Op.EDIT), Op.EDIT, LABEL, shows_label=False).is_marked


def test_people_hear_of_a_file_on_which_the_label_cannot_be_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(_: object) -> None:
        raise ValueError("no place for it")

    monkeypatch.setattr(accepting, "with_visible_label", cannot)
    taken = given(tmp_path, made(Op.EDIT), Op.EDIT, LABEL)
    assert (taken.is_marked, taken.issue.phrase) == (False, "handed_in.not_marked")
    assert not given(tmp_path, made(Op.EDIT), Op.EDIT).issue


def test_more_than_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(made(Op.EDIT))
    with pytest.raises(PictureUnreadable, match="at most"):
        accept(str(tmp_path), HandedIn(), Terms(Limits(max_bytes=100), "", None))


def test_any_picture_answers_a_question(tmp_path: Path) -> None:
    for data in (ORIGINAL.data, made(Op.LAYERED), made(Op.VECTORIZE)):
        assert given(tmp_path, data, None).width > 0


def test_a_png_may_be_handed_in_for_what_came_as_a_jpeg(tmp_path: Path) -> None:
    taken = given(tmp_path, encoded(LARGE.convert("RGB"), "PNG").data, Op.ENHANCE)
    assert EncodedImage(b"", taken.content_type).content_type == "image/png"
