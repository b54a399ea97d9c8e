"""The AI label leaves with every file: by each operation, in each format, on each way out, as other readers see it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.imaging.clean import clean
from adapters.imaging.finish import finish
from adapters.imaging.keep import keep_file
from adapters.imaging.labels import AiLabel
from adapters.imaging.labels.packet import label_of
from adapters.imaging.limits import Limits
from adapters.imaging.preview import before_after, previews, thumbnail
from adapters.imaging.reduce import reduce
from domain.ports import EncodedImage, InputLimits, Wish
from domain.vocabulary.pictures import Operation, TargetSize
from domain.vocabulary.provenance import Provenance, made_by_attempt
from tests.unit.adapters.imaging.labels import LABEL, label_by_others, with_label
from tests.unit.adapters.imaging.pictures import encoded, photograph, scene

LIMITS = Limits()
PHOTO = encoded(photograph("chelsea.png"), "JPEG")
WAYS_OUT: dict[str, Callable[[EncodedImage], EncodedImage]] = {
    "preview": lambda result: previews(result, LIMITS, "PREVIEW").web,
    "thumbnail of the preview": lambda result: previews(result, LIMITS, "PREVIEW").thumbnail,
    "thumbnail": lambda result: thumbnail(result, LIMITS),
    "library copy": lambda result: clean(result, LIMITS),
    "before and after": lambda result: before_after(PHOTO, result, LIMITS),
    "copy for a model": lambda result: reduce(result, InputLimits(most_bytes=10**6), "1:1", LIMITS),
}


def result_of(kind: str, mode: str = "RGB") -> EncodedImage:
    file = encoded(scene(mode=mode), kind)
    return replace(file, data=with_label(file.data))


@pytest.mark.parametrize("operation", Operation)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_operation_labels_its_file_and_its_view(operation: Operation, kind: str) -> None:
    original = encoded(photograph("chelsea.png"), kind)
    wish = Wish(operation, "", TargetSize(width=80, height=60) if operation is Operation.RESIZE else None)
    made = finish(original, original, wish, LIMITS, LABEL)
    for file in (made.file, made.view):
        assert label_by_others(file.data)[0] == LABEL.fields


@pytest.mark.parametrize("way", WAYS_OUT)
@pytest.mark.parametrize(("kind", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "RGB"), ("WEBP", "RGB")])
def test_every_way_out_keeps_the_label(way: str, kind: str, mode: str) -> None:
    assert label_by_others(WAYS_OUT[way](result_of(kind, mode)).data)[0] == LABEL.fields


@pytest.mark.parametrize("way", WAYS_OUT)
def test_what_no_model_made_gets_no_label(way: str) -> None:
    assert b"TC260" not in WAYS_OUT[way](PHOTO).data


def kept(folder: Path, file: EncodedImage, declared: AiLabel | None = None) -> list[bytes]:
    """The copy of a user's picture, and its thumbnail."""
    sent, copy, small = folder / "sent", folder / "copy", folder / "small"
    sent.write_bytes(file.data)
    keep_file(str(sent), str(copy), str(small), LIMITS, declared)
    return [copy.read_bytes(), small.read_bytes()]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_label_survives_the_removal_of_private_metadata(tmp_path: Path, kind: str) -> None:
    declared = label_of(Provenance("record", is_declared=True), "shop")
    for data in [*kept(tmp_path, result_of(kind)), *kept(tmp_path, result_of(kind), declared)]:
        assert label_by_others(data)[0] == LABEL.fields


def test_a_users_generated_picture_without_a_label_gets_one_that_claims_no_more_than_is_known(tmp_path: Path) -> None:
    declared = label_of(Provenance("record", is_declared=True), "shop")
    for data in kept(tmp_path, PHOTO, declared):
        assert b"&quot;Label&quot;:&quot;2&quot;,&quot;ContentProducer&quot;:&quot;&quot;" in data
        assert b"DigitalSourceType>" not in data
    assert all(b"TC260" not in data for data in kept(tmp_path, PHOTO))


def test_a_label_names_task_and_attempt_and_whether_a_network_was_asked() -> None:
    label = label_of(made_by_attempt("TASK_20261122_7K3F9Q_1", 2, "gemini-3.1-flash-image"), "shop")
    assert (label.ProduceID, label.ContentProducer) == ("TASK_20261122_7K3F9Q_1-A2", "shop")
    assert label.source_type == "compositeWithTrainedAlgorithmicMedia"
    plain = label_of(made_by_attempt("TASK_20261122_7K3F9Q_1", 1, "local-opencv"), "shop")
    assert plain.source_type == "algorithmicallyEnhanced"
