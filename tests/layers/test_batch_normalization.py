from __future__ import annotations

import numpy as np
import pytest

from layerkit import BatchNormalization, GradientDescent, Layer, Quadratic, Sequential, Trainer, WeightDecay
from layerkit.errors import ArgumentError, ShapeError
from tests.reference.bench import Bench
from tests.reference.gradients import assert_all_gradients
from tests.reference.values import assert_close, reference


@pytest.mark.parametrize("shape", ["2d", "3d"])
def test_it_is_pytorchs(shape: str) -> None:
    expected = reference("layers", f"batch_normalization/{shape}/")
    layer = BatchNormalization(momentum=0.9, epsilon=1e-5)
    training = Bench(layer, expected["0/x"].shape[1:], dtype="float32")
    training.values["scale"][...], training.values["shift"][...] = expected["scale"], expected["shift"]
    for step in range(3):
        assert_close(training.forward(expected[f"{step}/x"]), expected[f"{step}/y"])
        assert_close(training.backward(expected[f"{step}/grad"]), expected[f"{step}/input_gradient"])
        for name, gradient in training.gradients.items():
            assert_close(gradient, expected[f"{step}/{name}_gradient"])
        training.commit()
        assert_close(training.values["mean"], expected[f"{step}/mean"])
        assert_close(training.values["variance"], expected[f"{step}/variance"])

    inference = Bench(layer.copy(), expected["0/x"].shape[1:], dtype="float32", training=False)
    assert_close(inference.forward(expected["inference/x"]), expected["inference/y"])
    assert_close(inference.backward(expected["inference/grad"]), expected["inference/input_gradient"])
    for name, gradient in inference.gradients.items():
        assert_close(gradient, expected[f"inference/{name}_gradient"])


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(BatchNormalization(), (4,)), (BatchNormalization(momentum=0.5, epsilon=1e-2), (2, 3))],
    ids=repr,
)
def test_gradients(layer: Layer, shape: tuple[int, ...]) -> None:
    assert_all_gradients(layer, shape)


def test_each_feature_gets_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(5, 3, (50, 4, 2))
    y = Bench(BatchNormalization(epsilon=1e-12), (4, 2)).forward(x)
    np.testing.assert_allclose(y.mean(axis=(0, 1)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1)), 1, rtol=1e-9)


def test_a_large_mean_keeps_its_precision() -> None:
    x = np.random.default_rng(0).normal(1e4, 1, (64, 3)).astype(np.float32)
    y = Bench(BatchNormalization(), (3,), dtype="float32").forward(x)
    exact = x.astype(np.float64)
    np.testing.assert_allclose(y, (exact - exact.mean(axis=0)) / exact.std(axis=0), atol=5e-3)


@pytest.mark.parametrize(
    ("spared", "scale", "shift"), [(("scale",), 1.0, 0.95), (("bias",), 0.95, 1.0), (("scale", "bias"), 1.0, 1.0)]
)
def test_its_parameters_can_be_spared_from_decay(spared: tuple[str, ...], scale: float, shift: float) -> None:
    model = Sequential([BatchNormalization()]).initialize(2)
    model.parameters["0.shift"][...] = 1
    decay = WeightDecay(0.5, except_tags=spared)
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), transforms=[decay], seed=0)
    # the gradient is zero: the output is the target already
    trainer.fit((np.zeros((4, 2)), np.ones((4, 2))), epochs=1, batch_size=4)
    np.testing.assert_allclose(model.parameters["0.scale"], scale)
    np.testing.assert_allclose(model.parameters["0.shift"], shift)


def test_an_empty_batch_in_training_leaves_the_running_values_alone() -> None:
    bench = Bench(BatchNormalization(), (2,))
    assert bench.forward(np.zeros((0, 2))).shape == (0, 2)
    bench.backward(np.zeros((0, 2)))
    bench.commit()
    np.testing.assert_array_equal(bench.values["mean"], 0)
    np.testing.assert_array_equal(bench.values["variance"], 1)


def test_a_last_axis_of_unknown_length_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"BatchNormalization\).*known length, got inputs of \(batch, 3, any\)"):
        Sequential([BatchNormalization()]).initialize((3, None))


@pytest.mark.parametrize("epsilon", [0.0, -1e-5, float("nan"), "1"])
def test_epsilon_out_of_range(epsilon: float) -> None:
    with pytest.raises(ArgumentError, match="BatchNormalization: epsilon must be a finite number above 0"):
        BatchNormalization(epsilon=epsilon)
