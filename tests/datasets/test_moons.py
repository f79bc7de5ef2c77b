from __future__ import annotations

import numpy as np

from layerkit import Moons
from tests.data.files import targets


def test_points_lie_on_two_half_circles() -> None:
    points = Moons(train=500, noise=0.0).load("train")
    y = targets(points)
    upper, lower = points.x[y == 0], points.x[y == 1]
    assert len(upper) == len(lower) == 250
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*(lower - [1, 0.5]).T), 1)
    assert upper[:, 1].min() >= 0
    assert lower[:, 1].max() <= 0.5
    assert (points.names, points.target_name, points.classes) == (("across", "up"), "moon", ("upper", "lower"))


def test_the_noise_is_normal_and_of_the_size_that_is_asked_for() -> None:
    dataset = {"train": 20_000, "test": 1}
    noise = Moons(noise=0.3, **dataset).load("train").x - Moons(noise=0.0, **dataset).load("train").x
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.01)
    np.testing.assert_allclose(noise.std(axis=0), 0.3, rtol=0.02)
    np.testing.assert_allclose(np.corrcoef(noise.T)[0, 1], 0, atol=0.02)
    np.testing.assert_allclose((np.abs(noise) < 0.3).mean(axis=0), 0.6827, atol=0.01)


def test_parts_have_no_point_in_common_and_are_the_same_each_time() -> None:
    train, test = Moons(train=7, test=5).load("train"), Moons(train=7, test=5).load("test")
    assert (len(train), len(test)) == (7, 5)
    assert not {tuple(point) for point in train.x.tolist()} & {tuple(point) for point in test.x.tolist()}
    np.testing.assert_array_equal(Moons(train=7, test=5).load("test").x, test.x)
    assert (Moons(train=7, test=5, seed=1).load("test").x != test.x).all()
    np.testing.assert_allclose(train.x[0], [-0.2638, 0.9492], atol=1e-4)
