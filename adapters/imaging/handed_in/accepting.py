"""Accepts a finished file from elsewhere, which stays on disk, or says why not and what is owed."""

import hashlib
import io
from contextlib import suppress
from pathlib import Path

from PIL import Image
from psd_tools import PSDImage

from adapters.imaging.check import measured, measures_of
from adapters.imaging.check.facts import FailureKind, worst_of
from adapters.imaging.check.pair import Pair
from adapters.imaging.decode import decode
from adapters.imaging.encode import as_jpeg, as_png
from adapters.imaging.handed_in import kinds
from adapters.imaging.handed_in.drawings import view_of
from adapters.imaging.handed_in.kinds import Kind
from adapters.imaging.handed_in.terms import Terms
from adapters.imaging.labels import labelled, read
from adapters.imaging.labels.credentials import signed
from adapters.imaging.labels.visible import with_visible_label
from adapters.imaging.likeness import likeness
from adapters.imaging.limits import MEBIBYTE, Limits, exceeding
from adapters.imaging.preview import previews
from domain.ports import HANDED_IN, MARKED, PREVIEW, THUMB, VIEW, AcceptedFile, EncodedImage, HandedIn
from domain.texts.phrase import Said, said
from domain.vocabulary.errors import PictureUnreadable

REFUSED_FOR = {FailureKind.FILE, FailureKind.UNCHANGED}  # of the rest, people judge better than facts


def accept(folder: str, offered: HandedIn, terms: Terms) -> AcceptedFile:
    """Check the file in the folder, and write beside it what people see of it. Raises PictureUnreadable.

    `folder` holds the file, and the original if it is known. Beside them come a view if it is no picture that browsers
    show, the preview, and if a model took part, the file with its visible label.
    """
    place = Path(folder)
    data = (place / HANDED_IN).read_bytes()
    if len(data) > terms.limits.max_bytes:
        megabytes, most = exceeding(len(data), MEBIBYTE), f"{terms.limits.max_bytes / MEBIBYTE:.0f}"
        raise refusal_of("too_many_bytes", offered, megabytes=megabytes, most=most)
    kind = _kind(data, offered)
    file = EncodedImage(data, kind.content_type)
    view = _view(file, kind, terms.limits)
    issue = _issue(place, offered, file, view, terms.limits)
    label = read(data) or terms.label
    marked = signed(labelled(file, label), label, terms.credentials)
    _write(place, offered, marked, labelled(view, label), terms)
    picture, is_marked = decode(view, terms.limits), (place / MARKED).exists()
    return AcceptedFile(
        content_type=kind.content_type,
        extension=kind.extension,
        width=picture.width,
        height=picture.height,
        likeness=likeness(picture),
        view_type="" if kind in kinds.VIEWED else view.content_type,
        is_labelled=label is not None,
        is_marked=is_marked,
        issue=said("handed_in.not_marked") if label and offered.shows_label and not is_marked else issue,
    )


def refusal_of(reason: str, offered: HandedIn, **values: str | float) -> PictureUnreadable:
    """Return the error that tells the sender, in words, what is wrong and what is owed."""
    owed = said(f"owed.{offered.wish.operation}") if offered.wish else Said()
    why = said(f"handed_in.{reason}", owed=owed or None, **values)
    return kinds.not_taken(why)


def _kind(data: bytes, offered: HandedIn) -> Kind:
    kind = kinds.kind_of(data[: kinds.HEAD])
    if kind is None:
        raise refusal_of("unknown", offered)
    if offered.wish and kind not in kinds.OWED[offered.wish.operation]:
        raise refusal_of("wrong_kind", offered, found=kind.name.upper())
    return kind


def _view(file: EncodedImage, kind: Kind, limits: Limits) -> EncodedImage:
    """Return a picture of the file that browsers show. Raises PictureUnreadable."""
    if kind is kinds.SVG:
        return EncodedImage(view_of(file.data), "image/png")
    if kind is kinds.PSD:
        return as_png(_flat(file.data))
    if kind is kinds.TIFF:
        picture = decode(file, limits)
        return as_png(picture) if picture.mode == "RGBA" else as_jpeg(picture)
    return file


def _flat(data: bytes) -> Image.Image:
    try:
        document = PSDImage.open(io.BytesIO(data))
        flat = document.topil() or document.composite()
    except Exception as error:
        raise kinds.not_taken(said("handed_in.broken")) from error
    assert flat is not None
    return flat if flat.mode in {"RGB", "RGBA"} else flat.convert("RGB")


def _issue(place: Path, offered: HandedIn, file: EncodedImage, view: EncodedImage, limits: Limits) -> Said:
    """Refuse what the operation does not owe; return what people should look at. Raises PictureUnreadable."""
    if not offered.wish or not offered.original:
        return Said()
    original = EncodedImage((place / offered.original).read_bytes(), "application/octet-stream")
    if hashlib.sha256(original.data).digest() == hashlib.sha256(file.data).digest():
        raise refusal_of("original", offered)
    measures = measures_of(offered.wish)
    facts = measured(Pair(original, file, view, offered.wish, limits), (*measures.file, *measures.look))
    if worst := worst_of([fact for fact in facts if fact.kind in REFUSED_FOR]):
        reason = "original" if worst.kind is FailureKind.UNCHANGED else "falls_short"
        raise _fallen_short(reason, offered, worst.issue)
    worst = worst_of(facts)
    return worst.issue if worst else Said()


def _fallen_short(reason: str, offered: HandedIn, issue: Said) -> PictureUnreadable:
    assert offered.wish
    why = said(f"handed_in.{reason}", owed=said(f"owed.{offered.wish.operation}"), issue=issue)
    return kinds.not_taken(why)


def _write(place: Path, offered: HandedIn, file: EncodedImage, view: EncodedImage, terms: Terms) -> None:
    (place / HANDED_IN).write_bytes(file.data)
    (place / VIEW).write_bytes(view.data)
    shown = previews(view, terms.limits, terms.watermark, offered.shows_label, offered.number)
    (place / PREVIEW).write_bytes(shown.web.data)
    (place / THUMB).write_bytes(shown.thumbnail.data)
    if read(file.data) and offered.shows_label:
        with suppress(Exception):  # what our libraries cannot draw on keeps the implicit label
            (place / MARKED).write_bytes(with_visible_label(file, terms.credentials).data)
