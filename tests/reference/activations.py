"""Activations beside PyTorch's, forward and backward, in both dtypes."""

from __future__ import annotations

import numpy as np

from layerkit import Activation
from tests.reference.bench import Bench
from tests.reference.values import reference

DTYPES = {"float32": 2e-6, "float64": 1e-13}


def assert_as_in_pytorch(activation: Activation, name: str) -> None:
    """The outputs, the input's gradient and every parameter's are those of each case of ``name`` in the file.

    They are equal within a few units in the last place of the largest number that took part, and of 1.
    """
    cases = {key.split("/")[0] for key in reference("activations", f"{name}/")}
    assert cases >= {"2d", "3d"}
    for case in cases:
        expected = reference("activations", f"{name}/{case}/")
        for dtype, tolerance in DTYPES.items():
            x, grad = expected["x"].astype(dtype), expected["grad"].astype(dtype)
            bench = Bench(activation.copy(), x.shape[1:], dtype=dtype)
            for parameter in bench.gradients:
                bench.values[parameter][...] = expected[parameter]
            with np.errstate(over="raise", invalid="raise", divide="raise"):
                found = {"y": bench.forward(x), "input_gradient": bench.backward(grad)}
            found |= {f"{parameter}_gradient": gradient for parameter, gradient in bench.gradients.items()}
            for key, array in found.items():
                assert array.dtype == dtype
                rounding = tolerance * (10 if key.startswith("slope") else 1)
                np.testing.assert_allclose(array, expected[key], rtol=rounding, atol=rounding, err_msg=f"{case}/{key}")
