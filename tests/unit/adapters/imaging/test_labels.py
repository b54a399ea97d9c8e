"""The implicit AI label: written at its place in every format, and found there by readers that know nothing of ours."""

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageCms, PngImagePlugin
from psd_tools import PSDImage

from adapters.imaging.labels import AiLabel, carried_over, label_file, read, read_file
from domain.ports import EncodedImage
from tests.unit.adapters.imaging.labels import FIELDS, LABEL, label_by_others, with_label

SVG = b'<?xml version="1.0" encoding="utf-8"?>\n<!-- a fish -->\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'


def picture(mode: str = "RGB", size: tuple[int, int] = (33, 20)) -> Image.Image:
    """A picture with a different value in every pixel."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.merge("RGB", (ramp, ramp.rotate(180), ramp)).convert(mode) if mode != "I;16" else ramp.convert("I;16")


def saved(kind: str, mode: str = "RGB", **options: Any) -> bytes:
    out = io.BytesIO()
    picture(mode).save(out, kind, **options)
    return out.getvalue()


def layered() -> bytes:
    document = PSDImage.new("RGB", (33, 20))
    document.create_pixel_layer(picture(), "subject")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def noted() -> PngImagePlugin.PngInfo:
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<old/>", zip=True)
    notes.add_text("Comment", "hello")
    return notes


def exif() -> Image.Exif:
    tags = Image.Exif()
    tags[0x010F] = "Maker"
    return tags


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
TWO_PAGES: dict[str, Any] = {"save_all": True, "append_images": [picture()]}
FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: saved("JPEG"),
    "jpeg, progressive": lambda: saved("JPEG", progressive=True, exif=exif(), icc_profile=PROFILE),
    "jpeg with a packet": lambda: saved("JPEG", xmp=b"<old/>", comment=b"hello"),
    "jpeg, cmyk": lambda: saved("JPEG", "CMYK"),
    "png": lambda: saved("PNG"),
    "png, clear": lambda: saved("PNG", "RGBA", icc_profile=PROFILE),
    "png, 16 bits": lambda: saved("PNG", "I;16"),
    "png with a packet": lambda: saved("PNG", pnginfo=noted()),
    "webp": lambda: saved("WEBP"),
    "webp, lossless": lambda: saved("WEBP", lossless=True),
    "webp, clear and lossless": lambda: saved("WEBP", "RGBA", lossless=True),
    "webp, clear": lambda: saved("WEBP", "RGBA"),
    "webp with a packet": lambda: saved("WEBP", xmp=b"<old/>!", icc_profile=PROFILE),
    "webp, moving": lambda: saved("WEBP", **TWO_PAGES),
    "tiff": lambda: saved("TIFF"),
    "tiff, packed": lambda: saved("TIFF", "CMYK", compression="tiff_lzw", dpi=(300, 300)),
    "tiff, large": lambda: saved("TIFF", big_tiff=True),
    "tiff, several pages": lambda: saved("TIFF", **TWO_PAGES),
    "tiff with a packet": lambda: saved("TIFF", tiffinfo={700: b"<old>from here</old>"}),
    "psd": layered,
    "svg": lambda: SVG,
}  # fmt: skip
PHOTOGRAPHS = [name for name in FILES if name not in {"psd", "svg"}]


@pytest.mark.parametrize("name", FILES)
def test_other_readers_find_exactly_the_seven_fields(name: str) -> None:
    fields, source = label_by_others(with_label(FILES[name]()))
    assert set(fields) == FIELDS
    assert fields == LABEL.fields
    assert source == "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_no_pixel_changes(name: str) -> None:
    plain, marked = (Image.open(io.BytesIO(data)) for data in (FILES[name](), with_label(FILES[name]())))
    assert getattr(marked, "n_frames", 1) == getattr(plain, "n_frames", 1)
    for frame in range(getattr(plain, "n_frames", 1)):
        plain.seek(frame)
        marked.seek(frame)
        assert (marked.mode, marked.size, marked.tobytes()) == (plain.mode, plain.size, plain.tobytes())
    assert marked.info.get("icc_profile") == plain.info.get("icc_profile")
    assert marked.info.get("dpi") == plain.info.get("dpi")


def test_layers_stay() -> None:
    document = PSDImage.open(io.BytesIO(with_label(layered())))
    assert [layer.name for layer in document] == ["subject"]
    assert document[0].topil().tobytes() == PSDImage.open(io.BytesIO(layered()))[0].topil().tobytes()


@pytest.mark.parametrize("name", FILES)
def test_a_label_is_replaced_and_never_doubled(name: str) -> None:
    other = replace(LABEL, ProduceID="TASK_20261122_7K3F9Q_2-A1")
    twice = with_label(with_label(FILES[name](), other))
    assert label_by_others(twice)[0] == LABEL.fields
    assert b"_2-A1" not in twice
    assert b"<old" not in twice


@pytest.mark.parametrize("name", FILES)
def test_our_own_reader_finds_it(name: str, tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain", tmp_path / "marked"
    plain.write_bytes(FILES[name]())
    assert read_file(plain) is None
    label_file(plain, marked, LABEL)
    assert marked.read_bytes() == with_label(FILES[name]())
    assert read_file(marked) == LABEL


@pytest.mark.parametrize("name", FILES)
def test_a_copy_carries_the_label_of_its_source(name: str) -> None:
    copy = EncodedImage(saved("JPEG"), "image/jpeg")
    assert carried_over(EncodedImage(FILES[name](), ""), copy) == copy
    assert read(carried_over(EncodedImage(with_label(FILES[name]()), ""), copy).data) == LABEL


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ('<TC260:AIGC>{"Label":"2","ContentProducer":"x"}</TC260:AIGC>', AiLabel(Label="2", ContentProducer="x")),
        ('<TC260:AIGC>{"AIGC":{"Label":"1","ProduceID":"7"}}</TC260:AIGC>', AiLabel(ProduceID="7")),
        ("<TC260:AIGC>{not json</TC260:AIGC>", None),
        ("<I:DigitalSourceType>http://x/trainedAlgorithmicMedia</I:DigitalSourceType>",
         AiLabel(source_type="trainedAlgorithmicMedia")),
        ("<I:DigitalSourceType>http://x/digitalCapture</I:DigitalSourceType>", None),
    ],
)  # fmt: skip
def test_labels_of_other_programs_are_read(properties: str, found: AiLabel | None) -> None:
    packet = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" '
        f'xmlns:I="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{properties}</rdf:Description></rdf:RDF></x:xmpmeta>'
    )
    assert read(saved("JPEG", xmp=packet.encode())) == found


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.98])
def test_a_cut_file_is_refused_or_read_but_never_anything_else(name: str, share: float) -> None:
    data = FILES[name]()
    cut = data[: int(len(data) * share)]
    read(cut)
    with contextlib.suppress(ValueError):
        with_label(cut)


def test_entities_of_others_are_not_unpacked() -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert read(saved("JPEG", xmp=bomb)) is None
    assert read(b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg><metadata>&a;</metadata></svg>") is None
