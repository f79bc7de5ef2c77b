from __future__ import annotations

from layerkit import Softsign
from tests.reference.activations import assert_as_in_pytorch


def test_it_is_pytorchs() -> None:
    assert_as_in_pytorch(Softsign(), "softsign")
