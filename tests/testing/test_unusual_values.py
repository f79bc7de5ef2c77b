"""No false alarm about values: bends that are no kinks, steep curves, ties, masks, and whatever is kept rightly."""

from __future__ import annotations

from typing import Any

import pytest

from layerkit import Layer
from layerkit.testing import check
from tests.testing.unusual_activations import ACTIVATIONS
from tests.testing.unusual_folds import FOLDS
from tests.testing.unusual_keeping import KEEPING
from tests.testing.unusual_kinks import KINKS
from tests.testing.unusual_masks import MASKED
from tests.testing.unusual_points import POINTS
from tests.testing.unusual_slopes import SLOPES

COMPONENTS: dict[type[Layer], dict[str, Any]] = {
    **ACTIVATIONS,
    **KINKS,
    **SLOPES,
    **POINTS,
    **FOLDS,
    **MASKED,
    **KEEPING,
}


@pytest.mark.parametrize("layer", COMPONENTS, ids=lambda layer: layer.__name__)
def test_a_sound_layer_of_unusual_values_passes(layer: type[Layer]) -> None:
    report = check(layer, **COMPONENTS[layer])
    assert report.ok, str(report)
