"""Each change of images by itself, with a generator that draws what the test says; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit import Augmentation, Examples
from layerkit.data.warping import smoothed
from layerkit.errors import ArgumentError, DataError
from layerkit.types import Array

IMAGE = np.arange(25, dtype=float).reshape(5, 5) + 1


class Highest:
    """Draws the highest number of each range, and for what is mirrored ``chance``."""

    def __init__(self, chance: float = 0.9) -> None:
        self.chance = chance

    def uniform(self, low: float, high: float, size: Any) -> Array:
        return np.full(size, float(high))

    def random(self, size: Any, dtype: Any = float) -> Array:
        return np.full(size, self.chance, dtype)

    def integers(self, low: int, high: int, size: int) -> Array:
        return np.full(size, high - 1)

    def standard_normal(self, size: Any, dtype: Any) -> Array:
        return np.full(size, 2.0, dtype)


def changed(augmentation: Augmentation, image: Array = IMAGE, rng: Any = None) -> Array:
    images = image[np.newaxis].copy()
    augmentation.apply(images, rng or Highest())  # type: ignore[arg-type]
    found: Array = images[0]
    return found


def test_nothing_changes_nothing() -> None:
    np.testing.assert_array_equal(changed(Augmentation()), IMAGE)
    # nor does a map that leaves all where it is
    still = Highest()
    still.uniform = lambda low, high, size: np.full(size, (low + high) / 2)  # type: ignore[method-assign]
    found = changed(Augmentation(shift=3, rotate=20, scale=0.3, shear=10, fill=9), rng=still)
    np.testing.assert_allclose(found, IMAGE)


def test_a_shift_moves_down_and_right_and_fills() -> None:
    found = changed(Augmentation(shift=2, fill=7))
    np.testing.assert_allclose(found[2:, 2:], IMAGE[:3, :3])
    assert (found[:2] == 7).all()
    assert (found[:, :2] == 7).all()
    half = changed(Augmentation(shift=0.5))
    np.testing.assert_allclose(half[1:, 1:], (IMAGE[:-1, :-1] + IMAGE[1:, 1:] + IMAGE[1:, :-1] + IMAGE[:-1, 1:]) / 4)


def test_a_quarter_turn() -> None:
    found = changed(Augmentation(rotate=90))
    np.testing.assert_allclose(found, np.rot90(IMAGE, -1), atol=1e-12)


def test_a_larger_scale_enlarges() -> None:
    found = changed(Augmentation(scale=0.999))
    # twice as large: every second pixel of the middle is one of the image's
    np.testing.assert_allclose(found[[0, 2, 4]][:, [0, 2, 4]], IMAGE[1:4, 1:4], rtol=1e-2)


def test_a_shear_moves_rows_to_the_side() -> None:
    found = changed(Augmentation(shear=45), fill_rows(IMAGE))
    for row in range(5):
        for column in range(5):
            source = column + row - 2
            wanted = fill_rows(IMAGE)[row, source] if 0 <= source < 5 else 0
            assert found[row, column] == pytest.approx(wanted, abs=1e-9)


def fill_rows(image: Array) -> Array:
    return image * np.array([[1.0], [2], [3], [4], [5]])


@pytest.mark.parametrize(("flip", "axes"), [("horizontal", (1,)), ("vertical", (0,)), ("both", (0, 1)), (None, ())])
def test_a_flip_mirrors_every_other_image(flip: Any, axes: tuple[int, ...]) -> None:
    augmentation = Augmentation(flip=flip)
    np.testing.assert_allclose(changed(augmentation, rng=Highest(0.1)), np.flip(IMAGE, axes))
    np.testing.assert_allclose(changed(augmentation, rng=Highest(0.9)), IMAGE)
    images = np.repeat(IMAGE[np.newaxis], 4000, axis=0)
    augmentation.apply(images, np.random.default_rng(0))
    same = (images == IMAGE).all(axis=(1, 2)).mean()
    assert same == pytest.approx(0.5 ** len(axes), abs=0.03)


def test_a_cut_out_fills_a_square_that_may_reach_over_the_edge() -> None:
    # the middle is in the last pixel
    found = changed(Augmentation(cut_out=4, fill=-1))
    wanted = IMAGE.copy()
    wanted[2:, 2:] = -1
    np.testing.assert_array_equal(found, wanted)


def test_noise_is_added_to_every_number() -> None:
    np.testing.assert_allclose(changed(Augmentation(noise=0.25)), IMAGE + 0.5)


def test_fields_are_smoothed_by_a_gaussian() -> None:
    fields, sigma = np.random.default_rng(0).normal(size=(2, 6, 9)), 1.3
    found = smoothed(fields, sigma)
    far = np.arange(-30, 31)
    kernel = np.exp(-0.5 * (far / sigma) ** 2)
    kernel /= kernel.sum()
    wanted = np.zeros_like(fields)
    for row in range(6):
        for column in range(9):
            weights = np.outer(kernel[30 - row : 36 - row], kernel[30 - column : 39 - column])
            wanted[:, row, column] = (fields * weights).sum(axis=(1, 2))
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_an_elastic_distortion_moves_each_pixel_by_the_smoothed_field() -> None:
    # a field of 0.8 everywhere, smoothed by a narrow Gaussian, stays so: all is read 0.4 pixels further on
    found = changed(Augmentation(elastic=0.5, sigma=0.05), rng=Highest(0.9))
    wanted = IMAGE[:-1, :-1] + 0.4 * (IMAGE[1:, 1:] - IMAGE[:-1, :-1])
    np.testing.assert_allclose(found[:-1, :-1], wanted, rtol=1e-6)
    images = np.repeat(IMAGE[np.newaxis], 50, axis=0)
    Augmentation(elastic=8, sigma=2).apply(images, np.random.default_rng(0))
    assert len(np.unique(images.round(6), axis=0)) == 50


def test_channels_move_together() -> None:
    images = np.random.default_rng(0).random((6, 7, 9, 3))
    whole, single = images.copy(), images[..., 1].copy()
    augmentation = Augmentation(shift=1, rotate=30, elastic=5, sigma=2, flip="both")
    augmentation.apply(whole, np.random.default_rng(1))
    augmentation.apply(single, np.random.default_rng(1))
    np.testing.assert_allclose(whole[..., 1], single)


def test_bytes_are_rounded_and_keep_their_range() -> None:
    images = np.array([[[0, 255], [100, 3]]], np.uint8)
    Augmentation(noise=20).apply(images, Highest())  # type: ignore[arg-type]
    assert images.tolist() == [[[40, 255], [140, 43]]]
    half = np.array([[[0, 200, 0], [0, 0, 0], [0, 0, 0]]], np.uint8)
    Augmentation(shift=0.5).apply(half, Highest())  # type: ignore[arg-type]
    assert half[0].tolist() == [[0, 50, 50], [0, 50, 50], [0, 0, 0]]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_dtype_stays_and_images_are_changed_in_place(dtype: str) -> None:
    images = np.random.default_rng(0).random((4, 8, 8)).astype(dtype)
    before = images.copy()
    Augmentation(rotate=20, noise=0.1, cut_out=2).apply(images, np.random.default_rng(0))
    assert images.dtype == dtype
    assert not np.array_equal(images, before)
    wide = before.astype(float)
    Augmentation(rotate=20, noise=0.1, cut_out=2).apply(wide, np.random.default_rng(0))
    np.testing.assert_allclose(images, wide, atol=2e-5)


@pytest.mark.parametrize(
    "arguments",
    [
        {"shift": -1},
        {"rotate": -1},
        {"scale": 1},
        {"shear": 90},
        {"elastic": float("inf")},
        {"sigma": 0},
        {"flip": "up"},
        {"cut_out": 1.5},
        {"noise": -1},
        {"fill": float("nan")},
    ],
)
def test_arguments_out_of_range(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match=f"Augmentation: {next(iter(arguments))}"):
        Augmentation(**arguments)


@pytest.mark.parametrize("x", [np.zeros((3, 64)), np.zeros((3, 2, 2, 2, 2)), (np.zeros((3, 4, 4)), np.zeros((3, 2)))])
def test_what_is_no_image_is_refused(x: Any) -> None:
    with pytest.raises(DataError, match="an augmentation changes images"):
        Examples(x, np.zeros(3), augmentation=Augmentation(shift=1))
    with pytest.raises(ArgumentError, match="augmentation must be an Augmentation"):
        Examples(np.zeros((3, 4, 4)), augmentation="shift")  # type: ignore[arg-type]
