"""Windows, tiles, and the two ways through a convolution, on geometries of all kinds."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerkit_conv import Conv2D, ConvTranspose2D, tiles
from layerkit_conv.windows import Windows

from layerkit import Sequential
from layerkit.testing import step

pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))
edges = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def geometries(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[int, int]]:
    """Arguments that both kinds of convolution take, and the size of an image on which a window fits."""
    arguments: dict[str, Any] = {
        "kernel_size": draw(pairs),
        "stride": draw(pairs),
        "padding": draw(st.one_of(st.sampled_from(["valid", "same"]), st.tuples(edges, edges))),
        "dilation": draw(pairs),
        "groups": draw(st.integers(1, 2)),
    }
    extents = [(k - 1) * d + 1 for k, d in zip(arguments["kernel_size"], arguments["dilation"], strict=True)]
    return arguments, (extents[0] + draw(st.integers(0, 4)), extents[1] + draw(st.integers(0, 4)))


@given(geometries())
@settings(deadline=None, max_examples=60)
def test_a_convolution_is_the_sum_over_its_windows(geometry: tuple[dict[str, Any], tuple[int, int]]) -> None:
    arguments, size = geometry
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, *size, 4))
    model = Sequential([Conv2D(6, **arguments)]).initialize(x.shape[1:], seed=0, dtype="float64")
    weight = model.parameters["0.weight"]
    y = model.predict(x)

    grid = windows_of(arguments).on(*size)
    padded = np.zeros((2, grid.rows.padded, grid.columns.padded, 4))
    padded[:, grid.rows.inner, grid.columns.inner] = x
    (down, across), (apart, aside), groups = arguments["stride"], arguments["dilation"], arguments["groups"]
    for place in np.ndindex(y.shape):
        image, row, column, filter_ = place
        group = filter_ // (6 // groups)
        window = padded[image, row * down :: apart, column * across :: aside, group * (4 // groups) :]
        window = window[: weight.shape[0], : weight.shape[1], : weight.shape[2]]
        assert y[place] == pytest.approx((window * weight[..., filter_]).sum(), abs=1e-12)


@given(geometries())
@settings(deadline=None, max_examples=60)
def test_a_transposed_convolution_is_the_transpose(geometry: tuple[dict[str, Any], tuple[int, int]]) -> None:
    arguments, size = geometry
    rng = np.random.default_rng(1)
    windows = windows_of(arguments)
    counts = [windows.count(axis, size[axis]) for axis in (0, 1)]
    # the size that the transpose makes: what a stride leaves over at the end of the image is left out
    size = (windows.length(0, counts[0]), windows.length(1, counts[1]))
    if min(size) < 1:
        return
    x, z = rng.normal(size=(1, *size, 4)), rng.normal(size=(1, *counts, 6))
    forward = Sequential([Conv2D(6, **arguments, use_bias=False)]).initialize(x.shape[1:], seed=0, dtype="float64")
    back = Sequential([ConvTranspose2D(4, **arguments, use_bias=False)]).initialize(z.shape[1:], dtype="float64")
    back.parameters["0.weight"][...] = forward.parameters["0.weight"]

    assert np.vdot(forward.predict(x), z) == pytest.approx(np.vdot(x, back.predict(z)), abs=1e-9)
    # and each one's backward pass is the other's forward pass
    np.testing.assert_allclose(step(forward, x, z).input_gradient, back.predict(z), atol=1e-12)
    np.testing.assert_allclose(step(back, z, x).input_gradient, forward.predict(x), atol=1e-12)


def windows_of(arguments: dict[str, Any]) -> Windows:
    padding = {"valid": ((0, 0), (0, 0)), "same": None}.get(arguments["padding"], arguments["padding"])
    return Windows(arguments["kernel_size"], arguments["stride"], arguments["dilation"], padding)


@pytest.mark.parametrize("limit", [1, 2_000, 10_000, 40_000])
@pytest.mark.parametrize("kind", [Conv2D, ConvTranspose2D])
@pytest.mark.parametrize("groups", [1, 2])
def test_tiles_do_not_change_the_result(limit: int, kind: Any, groups: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5, 7, 8, 4))
    layer = kind(6, 3, stride=2, padding=1, groups=groups)
    model = Sequential([layer]).initialize(x.shape[1:], seed=0, dtype="float64")
    grad = rng.normal(size=(5, *model.output_shape))
    whole = step(model, x, grad)

    monkeypatch.setattr(tiles, "LIMIT", limit)
    found = step(model, x, grad)

    np.testing.assert_allclose(found.output, whole.output, atol=1e-12)
    np.testing.assert_allclose(found.input_gradient, whole.input_gradient, atol=1e-12)
    for path, gradient in whole.gradients.items():
        np.testing.assert_allclose(found.gradients[path], gradient, atol=1e-12)


@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 20), st.integers(1, 50), st.integers(1, 5000))
def test_tiles_cover_every_window_once(height: int, width: int, batch: int, each: int, limit: int) -> None:
    grid = Windows((1, 1), (1, 1)).on(height, width)
    covered = np.zeros((height, batch), int)
    found = tiles.tiles(grid, batch, each, limit=limit)
    for tile in found:
        covered[tile.rows, tile.batch] += 1
        images = tile.batch.stop - tile.batch.start
        assert tile.count == (tile.rows.stop - tile.rows.start) * width * images <= found[0].count
        assert tile.count * each <= limit or (images == 1 and tile.count == width)
    assert (covered == 1).all()


def test_memory_does_not_grow_with_the_windows_of_a_batch() -> None:
    model = Sequential([Conv2D(4, 5)]).initialize((28, 28, 4), seed=0)
    x = np.zeros((1024, 28, 28, 4), "float32")
    unfolded = 25 * 4 * 24 * 24 * len(x) * 4
    assert unfolded > 10 * tiles.LIMIT
    tracemalloc.start()
    try:
        y = model.predict(x)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # the images in the order that is worked in, the output twice, and the windows of one tile
    assert peak < x.nbytes + 2 * y.nbytes + tiles.LIMIT + 2**20
