from __future__ import annotations

import numpy as np
import pytest

from layerkit import Dropout
from layerkit.errors import ArgumentError
from layerkit.types import Array
from tests.reference.bench import Bench
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import assert_close, reference


class Drawn(np.random.Generator):
    """Draws given numbers."""

    def __init__(self, drawn: Array) -> None:
        super().__init__(np.random.PCG64(0))
        self.drawn = drawn

    def random(self, size=None, dtype=np.float64, out=None):  # type: ignore[no-untyped-def]
        values = self.drawn.astype(dtype)
        if out is None:
            return values
        out[...] = values
        return out


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_with_the_same_mask_it_is_pytorchs(shape: str) -> None:
    expected = reference("layers", f"dropout/{shape}/")
    bench = Bench(Dropout(0.3), expected["x"].shape[1:], dtype="float32")
    bench.context.rng = Drawn(np.where(expected["y"] != 0, 0.99, 0.01))
    assert 0 < np.count_nonzero(expected["y"]) < expected["y"].size
    assert_close(bench.forward(expected["x"]), expected["y"])
    assert_close(bench.backward(expected["grad"]), expected["input_gradient"])


@pytest.mark.parametrize("shape", [(6,), (2, 3)])
def test_gradients(shape: tuple[int, ...]) -> None:
    assert_all_gradients(Dropout(0.4), shape)


def test_it_drops_at_its_rate_and_keeps_the_mean() -> None:
    bench = Bench(Dropout(0.3), (100,), dtype="float32")
    x = np.full((200, 100), 2.0, np.float32)
    y = bench.forward(x)
    dropped = (y == 0).mean()
    assert dropped == pytest.approx(0.3, abs=0.02)
    np.testing.assert_allclose(y[y != 0], 2 / 0.7, rtol=1e-6)
    assert y.mean() == pytest.approx(2.0, rel=0.03)
    assert not np.array_equal(bench.forward(x), y), "each pass draws anew"
    bench.renew()
    np.testing.assert_array_equal(bench.forward(x), y)


def test_a_number_that_is_drawn_equal_to_the_rate_is_kept() -> None:
    bench = Bench(Dropout(0.25), (2,))
    bench.context.rng = Drawn(np.array([[0.25, 0.2499]]))
    np.testing.assert_array_equal(bench.forward(np.array([[3.0, 3.0]])), [[4.0, 0.0]])


@pytest.mark.parametrize(("rate", "training"), [(0.5, False), (0.0, True)])
def test_where_it_does_nothing(rate: float, training: bool) -> None:
    bench = Bench(Dropout(rate), (3,), training=training)
    x = np.random.default_rng(0).normal(size=(4, 3))
    np.testing.assert_array_equal(bench.forward(x), x)
    np.testing.assert_array_equal(bench.backward(2 * x), 2 * x)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.5, float("nan"), "0.5"])
def test_rates_out_of_range(rate: float) -> None:
    with pytest.raises(ArgumentError, match="Dropout: rate must be a finite number at least 0 and below 1"):
        Dropout(rate)
