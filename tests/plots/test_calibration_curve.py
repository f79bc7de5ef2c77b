"""Calibration: on random cases, with probabilities at the borders of bins, the points are scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit.errors import ArgumentError, DataError
from layerkit.plots import calibration_curve

pytestmark = pytest.mark.extra
reference = pytest.importorskip("sklearn.calibration", reason="scikit-learn is not installed")


def line(ax: Any) -> Any:
    [found] = [line for line in ax.lines if line.get_gid().startswith("curve-")]
    return found


def test_the_points_are_scikit_learn_s() -> None:
    for seed in range(30):
        rng = np.random.default_rng(seed)
        count, bins = int(rng.integers(2, 200)), int(rng.integers(1, 20))
        chance = rng.integers(0, 21, count) / 20 if seed % 2 else rng.random(count)
        targets = (rng.random(count) < chance).astype(int)
        targets[:2] = 0, 1
        right, claimed = reference.calibration_curve(targets, chance, n_bins=bins)
        drawn = line(calibration_curve(targets, chance, bins=bins))
        np.testing.assert_allclose(drawn.get_xdata(), claimed, atol=1e-12)
        np.testing.assert_allclose(drawn.get_ydata(), right, atol=1e-12)


def test_weights_count_as_copies_do() -> None:
    rng = np.random.default_rng(1)
    chance, targets, copies = rng.random(50), rng.integers(0, 2, 50), rng.integers(0, 4, 50)
    weighted = line(calibration_curve(targets, chance, weights=copies))
    copied = line(calibration_curve(np.repeat(targets, copies), np.repeat(chance, copies)))
    np.testing.assert_allclose(weighted.get_xydata(), copied.get_xydata())
    assert weighted.get_label() == copied.get_label()


def test_of_several_classes_it_is_about_the_likeliest() -> None:
    chance = np.array([[0.7, 0.2, 0.1], [0.1, 0.75, 0.15], [0.3, 0.3, 0.4]])
    drawn = line(calibration_curve([0, 2, 2], chance))
    np.testing.assert_allclose(drawn.get_xydata(), [[0.4, 1], [0.7, 1], [0.75, 0]])


@pytest.mark.parametrize("chance", [[-0.1, 0.5], [0.5, 1.1]])
def test_what_is_no_probability_is_refused(chance: list[float]) -> None:
    with pytest.raises(DataError, match="between 0 and 1"):
        calibration_curve([0, 1], chance)


def test_bins_are_a_number() -> None:
    with pytest.raises(ArgumentError, match="bins"):
        calibration_curve([0, 1], [0.1, 0.9], bins=0)
