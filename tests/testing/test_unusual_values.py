"""No false alarm about values: bends that are no kinks, steep curves, ties, masks, and whatever is kept rightly."""

from __future__ import annotations

from typing import Any

import pytest

from layerkit import Layer
from layerkit.testing import check
from tests.testing.unusual_activations import ACTIVATIONS
from tests.testing.unusual_folds import FOLDS
from tests.testing.unusual_values import VALUES

COMPONENTS: dict[type[Layer], dict[str, Any]] = {**ACTIVATIONS, **VALUES, **FOLDS}


@pytest.mark.parametrize("layer", COMPONENTS, ids=lambda layer: layer.__name__)
def test_a_sound_layer_of_unusual_values_passes(layer: type[Layer]) -> None:
    report = check(layer, **COMPONENTS[layer])
    assert report.ok, str(report)
