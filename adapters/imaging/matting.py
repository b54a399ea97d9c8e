"""Closed-form matting (Levin, Lischinski and Weiss 2008) of the band where a subject mixes with its background."""

from typing import Any

import cv2
import numpy as np
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import cg

from adapters.imaging.arrays import Mask, Pixels
from adapters.imaging.stripes import enlarged, stripes

EPSILON = 1e-5  # regularises the colour lines of flat windows; colours are 0 to 1
TRUST = 0.004  # how strongly an undecided pixel keeps the rough mask
FIXED = 100.0  # how strongly a decided one does
ROUNDS, PRECISION = 200, 1e-4
WINDOWS = 20_000  # at a time, of 81 pairs each
RADIUS = 2  # pixels of the small picture: of the windows whose colour lines enlarge a matte


def matte(pixels: Pixels, rough: Mask, unknown: Mask) -> Mask:
    """Return the rough mask with its `unknown` pixels solved from the colours around them, 0 to 1.

    Memory and time grow with the number of unknown pixels: about 2 GB and 5 s for a million.
    """
    if not unknown.any():
        return rough
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    is_free, values = unknown[near], rough[near].astype(np.float64)
    trust = np.where(is_free, TRUST, FIXED)
    system = _laplacian(pixels, unknown, near) + diags(trust)
    solved, _ = cg(system, trust * values, x0=values, rtol=PRECISION, maxiter=ROUNDS, M=diags(1 / system.diagonal()))
    result = rough.copy()
    result[near] = np.where(is_free, np.clip(solved, 0, 1), values)
    return result


def enlarged_matte(pixels: Pixels, small: Pixels, alpha: Mask) -> Mask:
    """Enlarge the matte of a small picture to the large one, by the colour lines of its windows (He and Sun 2015)."""
    slope, offset = _colour_lines(small.astype(np.float32) / 255, alpha)
    result = np.empty(pixels.shape[:2], np.float32)
    for rows in stripes(pixels.shape):
        along = enlarged(slope, pixels.shape, rows) * (pixels[rows] / np.float32(255))
        result[rows] = np.clip(along.sum(axis=2) + enlarged(offset, pixels.shape, rows), 0, 1)
    return result


def _laplacian(pixels: Pixels, unknown: Mask, near: Mask) -> Any:
    """Return the matting Laplacian of the 3 x 3 windows around the unknown pixels, over the pixels `near` them."""
    width, count = near.shape[1], int(near.sum())
    places = np.full(near.size, -1, np.int32)
    places[near.ravel()] = np.arange(count)
    centres = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    centres[[0, -1]] = centres[:, [0, -1]] = False
    around = np.array([down * width + right for down in (-1, 0, 1) for right in (-1, 0, 1)])
    middles = np.flatnonzero(centres)
    affinity = coo_matrix((count, count)).tocsr()
    for start in range(0, len(middles), WINDOWS):
        windows = middles[start : start + WINDOWS, None] + around
        weights = _affinities(pixels.reshape(-1, 3)[windows].astype(np.float64) / 255)
        index = places[windows]
        pairs = np.repeat(index, 9, axis=1).ravel(), np.tile(index, (1, 9)).ravel()
        affinity += coo_matrix((weights.ravel(), pairs), shape=(count, count)).tocsr()
    return diags(np.asarray(affinity.sum(axis=1)).ravel()) - affinity


def _affinities(seen: Any) -> Any:
    """Return how alike the nine pixels of each window are, in the metric of its own colours."""
    centred = seen - seen.mean(axis=1, keepdims=True)
    covariance = np.einsum("wij,wik->wjk", centred, centred) / 9 + EPSILON / 9 * np.eye(3)
    return (1 + np.einsum("wij,wjk,wlk->wil", centred, np.linalg.inv(covariance), centred)) / 9


def _colour_lines(colours: Mask, alpha: Mask) -> tuple[Mask, Mask]:
    """Return slope and offset by which alpha follows from the colour around each pixel; flat where alpha is."""
    window = (2 * RADIUS + 1, 2 * RADIUS + 1)
    mean, mean_alpha = cv2.blur(colours, window), cv2.blur(alpha, window)
    slope = np.zeros_like(colours)
    mixed = (mean_alpha > 0) & (mean_alpha < 1)
    if mixed.any():
        pairs = [colours[..., row] * colours[..., column] for row in range(3) for column in range(3)]
        products = np.stack([cv2.blur(pair, window)[mixed] for pair in pairs], axis=1).reshape(-1, 3, 3)
        centre = mean[mixed]
        variance = products - centre[:, :, None] * centre[:, None, :] + 1e-4 * np.eye(3, dtype=np.float32)
        together = cv2.blur(colours * alpha[..., None], window)[mixed] - centre * mean_alpha[mixed][:, None]
        slope[mixed] = np.linalg.solve(variance, together[..., None])[..., 0]
    offset = mean_alpha - (slope * mean).sum(axis=2)
    return cv2.blur(slope, window), cv2.blur(offset, window)
