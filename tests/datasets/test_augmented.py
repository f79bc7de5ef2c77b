"""Images that are changed as they are learned from: the same ones in a resumed run, none where they are measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit as kit
from layerkit import (
    Accuracy,
    Adam,
    Augmentation,
    Augmented,
    Checkpoint,
    CrossEntropy,
    Dense,
    Digits,
    Examples,
    Flatten,
    Layer,
    Moons,
    Rescale,
    Sequential,
    Trainer,
)
from layerkit.errors import DataError
from layerkit.types import Array
from tests.cli.conftest import Command, installation, layerkit  # noqa: F401 - fixtures

SMALL = Digits().load("train").take(slice(0, 90))
AUGMENTATION = Augmentation(shift=1, rotate=15, elastic=4, sigma=2, noise=1)


class Seen(Layer):
    """y = x; keeps what it is given."""

    integer_input = "keep"

    def __init__(self) -> None:
        self.batches: list[Array]

    def build(self, input_shape: Any) -> Any:
        return input_shape

    def forward(self, x: Array, ctx: Any) -> Array:
        if ctx.training:
            self.__dict__.setdefault("batches", []).append(x.copy())
        return x

    def backward(self, grad: Array, ctx: Any) -> Array:
        return grad


def new_trainer(*, seed: int = 0, first: Layer | None = None) -> Trainer:
    layers = [first or Rescale(1 / 16), Rescale(1.0), Flatten(), Dense(10)]
    model = Sequential(layers).initialize((8, 8), seed=1)
    return Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.01), metrics=[Accuracy()], silence=("all",), seed=seed)


def fit(trainer: Trainer, data: Examples, **more: Any) -> Any:
    return trainer.fit(data, epochs=3, batch_size=20, **more)


def values(trainer: Trainer) -> Array:
    return trainer.model.structure.parameters.copy()


def seen(data: Examples, *, seed: int = 0) -> list[Array]:
    layer = Seen()
    fit(new_trainer(seed=seed, first=layer), data, shuffle=False)
    return layer.batches


def test_each_epoch_sees_other_images_of_the_same_examples() -> None:
    batches = seen(SMALL.replace(augmentation=Augmentation(shift=0.4, rotate=5)))
    plain = seen(SMALL)
    assert [batch.shape for batch in batches] == [batch.shape for batch in plain]
    first, second = batches[0], batches[5]
    assert not np.array_equal(first, second)
    # they are still those: nearer to the image than to others
    own = np.abs(first.astype(float) - plain[0]).mean()
    other = np.abs(first.astype(float) - plain[0][::-1]).mean()
    assert own < 0.6 * other
    assert first.dtype == plain[0].dtype


def test_the_seed_draws_them() -> None:
    data = SMALL.replace(augmentation=AUGMENTATION)
    one, again, other = seen(data), seen(data), seen(data, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
    assert not np.array_equal(one[0], other[0])


def test_what_is_measured_and_held_stays_as_it_is() -> None:
    data = SMALL.replace(augmentation=AUGMENTATION)
    before, trainer = np.array(data.x), new_trainer()
    history = fit(trainer, data, validation=data, training_metrics=True)
    np.testing.assert_array_equal(data.x, before)
    wanted = trainer.evaluate(SMALL)
    assert history["validation_cost"][-1] == history["training_cost"][-1] == wanted["cost"]
    assert trainer.model.schema.classes == tuple("0123456789")


@pytest.mark.parametrize("step", [3, 5, 8])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64"])
def test_a_resumed_run_sees_the_same_images(tmp_path: Path, step: int, dtype: str) -> None:
    data = SMALL.replace(x=np.asarray(SMALL.x, dtype), augmentation=AUGMENTATION)
    whole = new_trainer()
    fit(whole, data, callbacks=[Checkpoint(tmp_path, every_steps=1, keep=99)])
    again = new_trainer()
    kit.resume(again, tmp_path / f"step-{step:09}.safetensors")
    fit(again, data)
    np.testing.assert_array_equal(values(again), values(whole))


def test_another_augmentation_is_refused_when_a_run_is_resumed(tmp_path: Path) -> None:
    fit(
        new_trainer(), SMALL.replace(augmentation=AUGMENTATION), callbacks=[Checkpoint(tmp_path, every_steps=3, keep=9)]
    )
    for augmentation in (None, Augmentation(shift=2)):
        again = new_trainer()
        kit.resume(again, tmp_path / "step-000000006.safetensors")
        with pytest.raises(DataError, match=r"augmentation: .*'shift': 1.* then"):
            fit(again, SMALL.replace(augmentation=augmentation))


def test_only_the_training_part_is_changed() -> None:
    augmented = Augmented(Digits(), shift=1, flip="horizontal")
    train, test = augmented.load("train"), augmented.load("test")
    assert isinstance(train, Examples)
    assert isinstance(test, Examples)
    assert train.augmentation == Augmentation(shift=1, flip="horizontal")
    assert test.augmentation is None
    assert augmented.splits == ("train", "test")
    assert train.take(slice(0, 5)).augmentation is train.augmentation


def test_what_is_no_set_of_images_is_told() -> None:
    with pytest.raises(DataError, match="an augmentation changes images"):
        Augmented(Moons(), shift=1).load("train")


def test_an_experiment_names_it(layerkit: Command, tmp_path: Path) -> None:  # noqa: F811 - the fixture
    (tmp_path / "digits.toml").write_text(
        'dataset = { component = "augmented", dataset = "digits", shift = 0.5, rotate = 5 }\n'
        'layers = [{ component = "rescale", scale = 0.0625 }, "flatten", { component = "dense", units = 10 }]\n'
        'cost = "cross-entropy"\noptimizer = { component = "adam", learning_rate = 0.01 }\n'
        'metrics = ["accuracy"]\n[training]\nepochs = 3\n'
        "[target]\ntest_accuracy = 0.7\n"
    )
    result = layerkit("run", str(tmp_path / "digits.toml"), "--engine", "auto")
    assert (result.code, result.err) == (0, "")
    assert "augmented: 1,438 training and 359 test examples" in result.out
