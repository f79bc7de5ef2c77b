from __future__ import annotations

import pytest

from layerkit import Sparse
from layerkit.errors import ArgumentError
from tests.initializers.drawing import draw


def test_in_each_column_the_given_part_is_zero() -> None:
    values = draw(Sparse(0.9, deviation=2.0), (20, 2, 30))
    assert ((values.reshape(40, 30) == 0).sum(axis=0) == 36).all()
    assert values[values != 0].std() == pytest.approx(2.0, rel=0.2)


def test_each_column_has_places_of_its_own() -> None:
    places = draw(Sparse(0.5), (10, 50)) == 0
    assert len({tuple(column) for column in places.T}) > 40


@pytest.mark.parametrize("zeros", [-0.1, 1.0])
def test_arguments_out_of_range(zeros: float) -> None:
    with pytest.raises(ArgumentError, match="Sparse: zeros"):
        Sparse(zeros)
