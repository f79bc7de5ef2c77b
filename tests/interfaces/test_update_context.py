"""What optimizers remember follows their parameters."""

from __future__ import annotations

import numpy as np

from layerkit.interfaces.update_context import ParameterSlice
from tests.reference.updates import new_context


def test_memory_follows_the_parameters_to_their_new_places() -> None:
    ctx = new_context((ParameterSlice("a", 0, 2, (2,), ()), ParameterSlice("b", 2, 5, (3,), ())))
    ctx.state("velocity")[...] = [1, 2, 3, 4, 5]
    ctx.state("square", fill=9.0)
    ctx.lay_out((ParameterSlice("b", 0, 3, (3,), ()), ParameterSlice("c", 3, 5, (2,), ())), np.dtype("float32"))
    np.testing.assert_array_equal(ctx.state("velocity"), [3, 4, 5, 0, 0])
    np.testing.assert_array_equal(ctx.state("square"), 9)
    assert ctx.state("velocity").dtype == np.float32


def test_a_parameter_of_another_shape_begins_anew() -> None:
    ctx = new_context((ParameterSlice("a", 0, 4, (4,), ()), ParameterSlice("b", 4, 6, (2,), ())))
    ctx.state("velocity", fill=0.5)[...] = [1, 2, 3, 4, 5, 6]
    ctx.lay_out((ParameterSlice("a", 0, 4, (2, 2), ()), ParameterSlice("b", 4, 6, (2,), ())), np.dtype("float64"))
    np.testing.assert_array_equal(ctx.state("velocity"), [0.5, 0.5, 0.5, 0.5, 5, 6])
