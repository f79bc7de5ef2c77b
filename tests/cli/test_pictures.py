"""The drawn images."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit.cli.image_drawing import as_images, drawn
from layerkit.types import Array


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((2, 8, 8), (2, 8, 8)),
        ((2, 28, 28, 1), (2, 28, 28)),
        ((2, 28, 28, 3), (2, 28, 28)),
        ((2, 64), None),
        ((2, 28, 28, 2), None),
        ((2, 3, 8), None),
        ((2, 8, 100), None),
        ((2, 8, 8, 1, 1), None),
    ],
)
def test_images_have_two_axes_of_pixels(shape: tuple[int, ...], expected: tuple[int, ...] | None) -> None:
    images = as_images(np.arange(np.prod(shape)).reshape(shape))
    assert (None if images is None else images.shape) == expected
    if images is not None:
        assert images.min() == 0
        assert images.max() == 1


def test_something_else_is_no_image() -> None:
    assert as_images((np.zeros((2, 8, 8)), np.zeros((2, 8, 8)))) is None
    assert as_images(np.zeros((2, 8, 8), complex)) is None
    blank = as_images(np.full((1, 8, 8), 7))
    assert blank is not None
    assert not blank.any()


def gradient(side: int) -> Array:
    return np.tile(np.linspace(0, 1, side), (side, 1))


def test_small_images_have_shades_two_characters_a_pixel() -> None:
    lines = drawn(gradient(8)[None], ["caption"], width=80)
    assert lines[0] == "caption"
    assert lines[1] == "    ░░▒▒▒▒▓▓████"
    assert len(lines) == 9


def test_large_images_have_two_pixels_a_character_and_no_dark_margin() -> None:
    image = np.zeros((20, 20))
    image[5:9, 3:7] = 1
    image[6, 3] = 0
    assert drawn(image[None], ["x"], width=80) == ["x", "▀███", "████"]


@pytest.mark.parametrize(("side", "width", "count"), [(8, 80, 4), (8, 40, 2), (28, 80, 2), (28, 59, 2), (28, 58, 1)])
def test_as_many_stand_side_by_side_as_fit(side: int, width: int, count: int) -> None:
    images = np.stack([np.ones((side, side))] * 4)
    lines = drawn(images, [f"[{place}]" for place in range(4)], width=width)
    assert lines[0].count("[") == count
    assert max(map(len, lines)) <= width


def test_without_blocks_it_is_drawn_in_ascii() -> None:
    lines = drawn(np.stack([gradient(8)]), ["x"], width=80, plain=True)
    assert all(line.isascii() for line in lines)
    assert all(line.isascii() for line in drawn(np.ones((1, 28, 28)), ["x"], width=80, plain=True))
