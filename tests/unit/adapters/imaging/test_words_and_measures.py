from collections.abc import Callable

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from adapters.imaging import edits, measure, preview
from adapters.imaging.analyse import nearest_ratio
from adapters.imaging.arrays import Pixels, pixels_of
from adapters.imaging.edit_words import Edits
from adapters.imaging.limits import Limits
from adapters.imaging.networks import super_resolution, weights
from adapters.imaging.networks.super_resolution import OVERLAP, WINDOW, _spans, enlarge, sharpened
from adapters.imaging.networks.text import TextFound, find_text
from adapters.imaging.restore import damage
from domain.vocabulary.pictures import TextAmount
from tests.unit.adapters.imaging.pictures import encoded, opened, photograph, scene


def changed(tone: str) -> Pixels:
    return edits.apply(Edits(None, (tone,)), pixels_of(scene()))


@pytest.mark.parametrize(
    ("more", "less", "measured"),
    [
        ("brighter", "darker", np.mean),
        ("contrast", "flatter", measure.contrast),
        ("vivid", "muted", measure.colourfulness),
        ("warmer", "cooler", lambda pixels: float(pixels[..., 0].mean() - pixels[..., 2].mean())),
    ],
)
def test_each_tone_goes_its_own_way(more: str, less: str, measured: Callable[[Pixels], float]) -> None:
    assert measured(changed(less)) < measured(pixels_of(scene())) < measured(changed(more))


def test_monochrome_has_no_colour() -> None:
    assert measure.colourfulness(changed("monochrome")) == 0


def test_blur_lowers_sharpness_and_noise_raises_noise() -> None:
    clear, generator = photograph("chelsea.png"), np.random.default_rng(7)
    blurred = pixels_of(clear.filter(ImageFilter.GaussianBlur(2)))
    noisy = np.clip(pixels_of(clear) + generator.normal(0, 8, (120, 160, 1)), 0, 255).astype(np.uint8)
    assert measure.sharpness(blurred) < measure.sharpness(pixels_of(clear)) * 0.7
    assert measure.noise(noisy) > measure.noise(pixels_of(clear)) + 4


def test_framing_tells_a_shift_from_a_change_of_light() -> None:
    pixels = pixels_of(scene(256, 192))
    assert measure.framing(pixels, (pixels * 0.7).astype(np.uint8)) > 0.9
    assert measure.framing(pixels, np.roll(pixels, 20, axis=1)) < 0.55


def test_a_scratch_is_found_and_a_clean_picture_is_left_alone() -> None:
    pixels = pixels_of(scene(256, 192)).copy()
    assert damage(pixels).mean() / 255 < 0.01
    pixels[20:22, 120:250] = 250
    found = damage(pixels)
    assert found[20, 150:240].all()


@pytest.mark.parametrize("length", [16, 100, 128, 129, 300, 1000])
def test_tiles_cover_every_pixel_once_and_see_their_surroundings(length: int) -> None:
    spans = list(_spans(length))
    assert [start for start, *_ in spans] == [0, *(end for _, end, *_ in spans[:-1])]
    assert spans[-1][1] == length
    windows = {stop - begin for _, _, begin, stop in spans}
    assert len(windows) == 1
    assert windows.pop() <= WINDOW
    for start, end, begin, stop in spans:
        assert begin == 0 or start - begin >= OVERLAP - 1
        assert stop == length or stop - end >= OVERLAP - 1


@pytest.mark.parametrize(
    ("lines", "share", "amount"),
    [(0, 0, TextAmount.NONE), (2, 0.03, TextAmount.LITTLE), (9, 0.05, TextAmount.MUCH), (2, 0.4, TextAmount.MUCH)],
)
def test_text_is_little_or_much_by_lines_and_share(lines: int, share: float, amount: TextAmount) -> None:
    assert TextFound(lines, share).amount is amount


@pytest.mark.parametrize("thickness", [-1, 40], ids=["a disc", "a ring"])
def test_one_shape_that_fills_the_picture_is_no_text(thickness: int) -> None:
    pixels = np.full((512, 512, 3), 255, np.uint8)
    cv2.circle(pixels, (256, 256), 200, (250, 200, 30), thickness)
    assert find_text(pixels).amount is TextAmount.NONE


@pytest.mark.parametrize(("size", "ratio"), [((512, 512), "1:1"), ((600, 400), "3:2"), ((1080, 1920), "9:16")])
def test_the_nearest_aspect_ratio_is_named(size: tuple[int, int], ratio: str) -> None:
    assert nearest_ratio(*size) == ratio


def test_missing_weights_name_the_make_target() -> None:
    with pytest.raises(weights.WeightsMissing, match="make install"):
        weights.find("no-such-package", "no.onnx")


def test_a_preview_is_a_small_marked_jpeg() -> None:
    plain = Image.new("RGB", (2600, 1300), "grey")
    shown = preview.previews(encoded(plain), Limits(), "预览 PREVIEW").web
    picture = opened(shown)
    assert (shown.content_type, picture.size) == ("image/jpeg", (1280, 640))
    assert np.asarray(picture).std() > 2


def test_transparency_is_shown_on_a_checkerboard() -> None:
    shown = opened(preview.previews(encoded(Image.new("RGBA", (64, 64))), Limits(), "").web)
    assert np.asarray(shown).std() > 10


def test_without_a_chinese_font_the_ascii_part_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "_chinese_font", lambda: None)
    assert preview._font(12, "预览 PREVIEW")[1] == "PREVIEW"


def test_before_and_after_stand_side_by_side_equally_high() -> None:
    both = opened(preview.before_after(encoded(scene(100, 100)), encoded(scene(400, 400)), Limits()))
    assert both.size == (1806, 900)


def test_a_large_blurred_photograph_becomes_sharper_without_a_network() -> None:
    large = pixels_of(photograph("chelsea.png").resize((2400, 1800)))
    result, method = enlarge(large)
    assert (method, result.shape) == ("unsharp-mask", large.shape)
    assert measure.sharpness_gain(large, result) > 1.06


def test_sharpening_in_stripes_leaves_no_seams() -> None:
    large = pixels_of(photograph("chelsea.png").resize((2000, 2600)))
    at_once = cv2.addWeighted(large, 1.8, cv2.GaussianBlur(large, (0, 0), 2.6), -0.8, 0)
    assert np.abs(sharpened(large, 0.8).astype(int) - at_once).max() <= 1


def test_text_is_resampled_and_not_painted_by_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("RGB", (640, 760), "white")
    ImageDraw.Draw(page).text((40, 100), "Determine 1984", fill="black", font=ImageFont.load_default(60))
    pixels = pixels_of(page)
    monkeypatch.setattr(
        super_resolution, "_tiled", lambda _name, scale, seen: np.zeros((760 * scale, 640 * scale, 3), np.uint8)
    )
    result, _ = enlarge(pixels)
    plain = cv2.resize(pixels, (1280, 1520), interpolation=cv2.INTER_CUBIC)
    assert (result[1200:, :1000] < 200).all()  # elsewhere half of the network's black is seen
    assert np.abs(result[240:300, 120:600].astype(int) - plain[240:300, 120:600]).mean() < 20
