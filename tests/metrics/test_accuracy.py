from __future__ import annotations

import numpy as np
import pytest

from layerkit import Accuracy
from tests.metrics.measuring import measure


def test_it_counts_the_largest_outputs_that_are_right() -> None:
    prediction = np.array([[0.1, 0.9], [0.8, 0.2], [0.5, 0.5], [0.3, 0.7]])
    labels = np.array([1, 1, 0, 1])
    assert measure(Accuracy(), prediction, labels) == 0.75
    assert measure(Accuracy(), prediction, np.eye(2)[labels]) == 0.75
    assert measure(Accuracy(), prediction, labels.astype(np.uint8), np.array([0.0, 3.0, 0.0, 1.0])) == 0.25


def test_positions_that_a_mask_leaves_out_do_not_count() -> None:
    prediction = np.eye(3)[np.array([[0, 1], [2, 2]])]
    labels = np.array([[0, 0], [2, 0]])
    assert measure(Accuracy(), prediction, labels) == 0.5
    assert measure(Accuracy(), prediction, labels, mask=np.array([[True, False], [True, True]])) == pytest.approx(2 / 3)


def test_a_weight_counts_for_every_position_of_its_sequence() -> None:
    prediction = np.eye(2)[np.array([[0, 0, 0], [1, 1, 1]])]
    labels = np.array([[0, 0, 1], [0, 0, 0]])
    assert measure(Accuracy(), prediction, labels, np.array([1.0, 3.0])) == pytest.approx(2 / 12)
