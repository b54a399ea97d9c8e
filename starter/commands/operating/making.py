"""`darkroom make`: makes one file with the local model, without an order, for shops that try and people who tune."""

import hashlib
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from domain.ports import Deliverable, EncodedImage, Wish
from domain.texts.catalogue import TEXTS
from domain.vocabulary.errors import MalformedRequest
from domain.vocabulary.pictures import Operation
from domain.vocabulary.provenance import made_by_attempt
from domain.vocabulary.sizes import read_size
from runtime.settings import Settings
from starter.commands.arguments import AsJson
from starter.commands.cli_context import FAILED, LANGUAGE, run
from starter.commands.screens import print_json

UNKNOWN = "application/octet-stream"

Photo = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The photo.")]
Words = Annotated[str, typer.Option(help="What the customer wants, such as 换成白底, or a size for resize: 一寸.")]
To = Annotated[Path, typer.Option("--to", "-o", help="Where to write the file; its ending follows its kind.")]
VisibleLabel = Annotated[bool, typer.Option(help="Draw the AI label on it; the label in its metadata always stays.")]


def make(
    operation: Operation,
    photo: Photo,
    to: To,
    words: Words = "",
    visible_label: VisibleLabel = True,
    as_json: AsJson = False,
) -> None:
    """Make the file of an operation with the local model, and check it.

    Exit status 1: it could not be made, or it was written but does not pass its check.
    """
    made = run(_make(photo, _wish(operation, words), to, visible_label=visible_label))
    if as_json:
        print_json(made)
    else:
        typer.echo(f"{made['file']}: {made['width']}x{made['height']}, {made['bytes']:,} bytes, by {made['model']}")
        typer.echo(f"Check: {made['issue'] or 'passed'}", err=True)
    if made["issue"]:
        raise typer.Exit(FAILED)


def _wish(operation: Operation, words: str) -> Wish:
    size = read_size(words)
    if operation is Operation.RESIZE and size is None:
        raise typer.BadParameter("resize needs a size, such as --words 1000x800 or --words 一寸")
    return Wish(operation, words, size)


async def _make(photo: Path, wish: Wish, to: Path, *, visible_label: bool) -> dict[str, Any]:
    """Make, check and write the file; return what is known of it. Raises DarkroomError."""
    from adapters.imaging.local import LocalModel
    from runtime import wiring

    settings, begun = Settings(), time.monotonic()
    children = wiring.children(settings)
    studio, model = wiring.studio(settings, children), LocalModel(children, wiring.limits(settings))
    original = EncodedImage(photo.read_bytes(), UNKNOWN)  # noqa: ASYNC240 - nothing else is going on
    await studio.inspect(original)
    raw = await model.generate(original, wish, "")
    task = f"make-{hashlib.sha256(original.data).hexdigest()[:12]}"
    deliverable = await studio.finish(original, raw.images[0], wish, made_by_attempt(task, 1, raw.call.model))
    checked = await studio.check(original, deliverable.file, deliverable.view, wish)
    facts = await studio.inspect(deliverable.view, ours=True)
    file = await studio.with_visible_label(deliverable.file) if visible_label else deliverable.file
    path = _written(to, deliverable, file)
    return {
        "file": str(path),
        "content_type": file.content_type,
        "width": facts.width,
        "height": facts.height,
        "bytes": len(file.data),
        "model": raw.call.model,
        "parameters": dict(raw.parameters),
        "issue": TEXTS[LANGUAGE].say(checked.issue) if checked.issue else "",
        "facts": dict(checked.facts),
        "seconds": round(time.monotonic() - begun, 2),
    }


def _written(to: Path, deliverable: Deliverable, file: EncodedImage) -> Path:
    """Write the file, with the ending of its kind. Raises MalformedRequest."""
    ending = f".{deliverable.extension}"
    is_named_so = to.suffix.lower() in {ending, ".jpeg" if ending == ".jpg" else ending}
    path = to if is_named_so else to.with_suffix(ending)
    try:
        path.write_bytes(file.data)
    except OSError as error:
        raise MalformedRequest(f"cannot write {path}: {error.strerror or error}") from error
    return path
