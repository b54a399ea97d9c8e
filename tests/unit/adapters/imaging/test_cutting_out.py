"""Edges of a cut-out: hairs are solved, colours un-mixed, and large pictures done in stripes."""

import cv2
import numpy as np
import pytest
from PIL import Image

from adapters.imaging import stripes as striped
from adapters.imaging.arrays import Mask, Pixels, alpha_of
from adapters.imaging.matting import enlarged_matte, matte
from adapters.imaging.mixing import blended, foreground
from adapters.imaging.stripes import enlarged, stripes

RED, BLUE = (200, 40, 30), (40, 60, 190)


def truth(side: int = 160) -> Mask:
    """A disc with hairs."""
    large = np.zeros((side * 4, side * 4), np.uint8)
    centre = (side * 2, side * 2)
    cv2.circle(large, centre, side, 255, -1)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        end = (round(centre[0] + 1.4 * side * np.cos(angle)), round(centre[1] + 1.4 * side * np.sin(angle)))
        cv2.line(large, centre, end, 255, 3)
    small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
    return alpha_of(Image.merge("RGBA", [Image.fromarray(small)] * 4))


def mixed(alpha: Mask) -> Pixels:
    noise = np.random.default_rng(3).normal(0, 2, (*alpha.shape, 1))
    colours = np.array(RED) * alpha[..., None] + np.array(BLUE) * (1 - alpha[..., None])
    pixels: Pixels = np.clip(colours + noise, 0, 255).astype(np.uint8)
    return pixels


def test_hairs_in_the_unknown_band_are_found_by_their_colour() -> None:
    alpha = truth()
    far = cv2.distanceTransform((alpha < 0.99).astype(np.uint8), cv2.DIST_L2, 3)
    unknown = (far > 0) & (far < 30) & (cv2.dilate(alpha, np.ones((31, 31))) > 0)
    rough = np.where(unknown, 0.5, alpha).astype(np.float32)
    solved = matte(mixed(alpha), rough, unknown)
    assert np.abs(solved - alpha).mean() < 0.25 * np.abs(rough - alpha).mean()
    assert solved[~unknown] == pytest.approx(rough[~unknown])


def test_a_mask_without_an_unknown_band_stays() -> None:
    rough = (truth() > 0.5).astype(np.float32)
    assert matte(mixed(truth()), rough, np.zeros(rough.shape, bool)) is rough


def test_edges_get_the_colour_of_the_subject_alone() -> None:
    alpha = truth()
    edge = (alpha > 0.3) & (alpha < 0.9)
    before = np.abs(mixed(alpha)[edge] - np.array(RED)).mean()
    assert np.abs(foreground(mixed(alpha), alpha)[edge] - np.array(RED)).mean() < 0.2 * before


def test_a_matte_is_enlarged_along_the_edges_of_the_large_picture() -> None:
    alpha = truth(480)
    large = mixed(alpha)
    small_alpha = cv2.resize(alpha, (120, 120), interpolation=cv2.INTER_AREA)
    small = cv2.resize(large, (120, 120), interpolation=cv2.INTER_AREA)
    plain = cv2.resize(small_alpha, (480, 480), interpolation=cv2.INTER_LINEAR)
    assert np.abs(enlarged_matte(large, small, small_alpha) - alpha).mean() < 0.6 * np.abs(plain - alpha).mean()


@pytest.mark.parametrize(("height", "width"), [(1, 7), (100, 3), (37, 64)])
def test_stripes_cover_every_row_once_and_join_without_a_seam(
    height: int, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(striped, "PIXELS", 5 * width)
    rows = list(stripes((height, width)))
    assert [row for part in rows for row in range(part.start, part.stop)] == list(range(height))
    small = np.random.default_rng(1).random((max(1, height // 3), max(1, width // 2))).astype(np.float32)
    joined = np.vstack([enlarged(small, (height, width), part) for part in rows])
    assert joined == pytest.approx(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), abs=0.05)


def test_stripes_change_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = truth()
    whole = foreground(mixed(alpha), alpha), blended(mixed(alpha), alpha, BLUE)
    monkeypatch.setattr(striped, "PIXELS", 1000)
    parts = foreground(mixed(alpha), alpha), blended(mixed(alpha), alpha, BLUE)
    for one, other in zip(whole, parts, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 2
