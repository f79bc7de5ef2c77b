"""The kit takes every form of layer that the contract allows."""

from __future__ import annotations

from typing import Any

import pytest

from layerkit import Layer
from layerkit.testing import check
from tests.testing.unusual import Choose, Halves, Product, Total, Twins, draw_numbers, draw_places

SHAPES: dict[type[Layer], dict[str, Any]] = {
    Product: {"input_shapes": [((4,), (4,)), ((None, 2), (None, 2))]},
    Choose: {"input_shapes": [((3,), ())], "inputs": [draw_numbers, draw_places]},
    Halves: {"input_shapes": [(4,), (None, 6)]},
    Total: {"input_shapes": [(4,), (2, 3), ()]},
    Twins: {"input_shapes": [(3,)]},
}


@pytest.mark.parametrize("layer", SHAPES, ids=lambda layer: layer.__name__)
def test_a_layer_of_unusual_form_passes(layer: type[Layer]) -> None:
    report = check(layer, **SHAPES[layer])
    assert report.ok, str(report)
    assert {"input-gradient", "declared-output-shape", "interleaved-passes"} <= set(report.ran)
