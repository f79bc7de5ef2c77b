"""Untrained state: proposed in a training pass, committed after the step, weighted by rows."""

from __future__ import annotations

import numpy as np
import pytest

from layerkit import BatchNormalization, Dense, GradientDescent, Quadratic, Sequential, Trainer
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.models.passes import Pass, commit
from layerkit.random_streams import RandomStreams
from layerkit.types import Array
from tests.models.custom import Branches, RunningMean


def fit(model: Sequential, x: Array, *, batch_size: int, accumulate: int = 1, weights: Array | None = None) -> None:
    y = np.zeros((len(x), *model.copy().initialize(x.shape[1:]).output_shape))
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.0), silence=("all",), seed=0)
    trainer.fit(
        (x, y), epochs=1, batch_size=batch_size, accumulate=accumulate, shuffle=False, drop_last=False, weights=weights
    )


def test_a_pass_alone_changes_nothing() -> None:
    model = Sequential([RunningMean()]).initialize(2)
    structure = model.structure
    tree = Pass(structure, structure.node, RandomStreams(0), training=True, gradient=structure.gradient)
    tree.forward(np.full((3, 2), 4.0, np.float32), 3.0)
    np.testing.assert_array_equal(model.states["0.mean"], 0)
    commit(tree.shared.proposals)
    np.testing.assert_array_equal(model.states["0.mean"], 4)
    assert tree.shared.proposals == []


def test_inference_proposes_nothing() -> None:
    model = Sequential([RunningMean()]).initialize(2)
    model.predict(np.full((3, 2), 4.0))
    np.testing.assert_array_equal(model.states["0.mean"], 0)


def test_each_step_commits() -> None:
    model = Sequential([RunningMean()])
    fit(model, np.array([[1.0], [3.0], [10.0], [20.0]]), batch_size=2)
    np.testing.assert_array_equal(model.states["0.mean"], 15)


def test_accumulated_batches_are_weighted_by_their_rows() -> None:
    model = Sequential([RunningMean()])
    # batches of 3 and 1 rows with means 2 and 10: (3 · 2 + 1 · 10) / 4
    fit(model, np.array([[2.0], [2.0], [2.0], [10.0]]), batch_size=3, accumulate=2)
    np.testing.assert_allclose(model.states["0.mean"], 4)


def test_sample_weights_count_as_rows() -> None:
    model = Sequential([RunningMean()])
    x = np.array([[2.0], [2.0], [10.0], [10.0]])
    fit(model, x, batch_size=2, accumulate=2, weights=np.array([1.5, 1.5, 0.5, 0.5]))
    np.testing.assert_allclose(model.states["0.mean"], 4)


def test_one_layer_in_two_places_has_one_state() -> None:
    shared = RunningMean()
    model = Sequential([shared, Dense(1), shared])
    fit(model, np.ones((4, 1)), batch_size=4)
    assert list(model.states) == ["0.mean"]
    weight = float(model.parameters["1.weight"][0, 0])
    np.testing.assert_allclose(model.states["0.mean"], (1 + weight) / 2, rtol=1e-6)


def test_branches_commit_apart() -> None:
    model = Sequential([Branches(RunningMean(), Sequential([Dense(1), RunningMean()]))])
    fit(model, np.ones((4, 1)), batch_size=4)
    np.testing.assert_array_equal(model.states["0.left_branch.mean"], 1)
    weight = float(model.parameters["0.right_branch.0.weight"][0, 0])
    np.testing.assert_allclose(model.states["0.right_branch.1.mean"], weight, rtol=1e-6)


def test_a_frozen_layer_keeps_its_state_and_runs_in_inference_mode() -> None:
    norm = BatchNormalization()
    model = Sequential([norm, Dense(1)])
    norm.freeze()
    rng = np.random.default_rng(0)
    fit(model, rng.normal(5, 3, (8, 2)), batch_size=4)
    np.testing.assert_array_equal(model.states["0.mean"], 0)
    np.testing.assert_array_equal(model.states["0.variance"], 1)
    norm.unfreeze()
    fit(model, rng.normal(5, 3, (8, 2)), batch_size=4)
    assert (model.states["0.mean"] > 0).all()


class Modes(Layer):
    """Notes in which mode it was run."""

    def build(self, input_shape: object) -> object:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        MODES.append((ctx.path, ctx.training))
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


MODES: list[tuple[str, bool]] = []


def test_freezing_a_container_puts_all_of_it_in_inference_mode() -> None:
    inner = Sequential([Modes()])
    model = Sequential([Modes(), inner, Dense(1)])
    inner.freeze()
    MODES.clear()
    fit(model, np.ones((4, 1)), batch_size=4)
    # layers of one's own are tried before the first step, in inference mode
    assert set(MODES) - {("0", False)} == {("0", True), ("1.0", False)}
    MODES.clear()
    model.predict(np.ones((1, 1)))
    assert {training for _, training in MODES} == {False}


def test_batch_normalisation_moves_its_running_values_by_its_momentum() -> None:
    x = np.random.default_rng(0).normal(3, 2, (6, 2))
    model = Sequential([BatchNormalization(momentum=0.75)]).initialize(2, dtype="float64")
    fit(model, x, batch_size=6)
    np.testing.assert_allclose(model.states["0.mean"], 0.25 * x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(model.states["0.variance"], 0.75 + 0.25 * x.var(axis=0, ddof=1), rtol=1e-12)


@pytest.mark.filterwarnings("ignore::layerkit.errors.LayerkitWarning")
def test_batch_normalisation_of_a_single_row() -> None:
    model = Sequential([BatchNormalization()])
    fit(model, np.full((1, 2), 4.0), batch_size=1)
    assert np.isfinite(model.states["0.variance"]).all()
    assert model.predict(np.zeros((0, 2))).shape == (0, 2)


@pytest.mark.parametrize("momentum", [-0.1, 1.0, "0.9", float("nan")])
def test_momentum_out_of_range(momentum: float) -> None:
    with pytest.raises(ValueError, match="BatchNormalization: momentum"):
        BatchNormalization(momentum=momentum)
