"""What the callback writes, read back by TensorBoard's own reader."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, final

import numpy as np
import pytest

import layerkit
from layerkit import (
    Accuracy,
    Adam,
    BatchNormalization,
    Callback,
    Checkpoint,
    CrossEntropy,
    Dense,
    Digits,
    Dropout,
    Flatten,
    ReduceOnPlateau,
    ReLU,
    Rescale,
    Sequential,
    StepDecay,
    TensorBoard,
    Trainer,
)
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.callback import FitView
from layerkit.interfaces.layer import Layer
from layerkit.types import Array, Shape

pytestmark = pytest.mark.extra
pytest.importorskip("tensorboardX")
pytest.importorskip("tensorboard")

from tests.tensorboard.reading import comparison_of, everything, read, scalars  # noqa: E402

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4, 3)).astype(np.float32)
Y = np.arange(40) % 3
VALIDATION = X[::2], Y[::2]
EPOCHS, STEPS = 4, 5


def new_trainer(*layers: Layer, optimizer: Any = None) -> Trainer:
    inside = list(layers) or [Flatten(), Dense(5, activation=ReLU()), BatchNormalization(), Dropout(0.2), Dense(3)]
    optimizer = optimizer or Adam(StepDecay(0.01, factor=0.5, every=1))
    return Trainer(
        Sequential(inside),
        cost=CrossEntropy(),
        optimizer=optimizer,
        metrics=[Accuracy()],
        silence=("all",),
        seed=0,
    )


def fit(trainer: Trainer, *callbacks: Callback, epochs: int = EPOCHS, **more: Any) -> Any:
    return trainer.fit((X, Y), epochs=epochs, batch_size=8, validation=VALIDATION, callbacks=callbacks, **more)


def test_one_chart_has_a_measure_of_the_run_of_training_and_of_validation(tmp_path: Path) -> None:
    history = fit(new_trainer(), TensorBoard(tmp_path), training_metrics=True)
    for place, prefix, names in (
        ("", "", ["cost", "seconds"]),
        ("training", "training_", ["cost", "accuracy"]),
        ("validation", "validation_", ["cost", "accuracy"]),
    ):
        found = scalars(tmp_path / place)
        assert set(found) - {"learning_rate"} == set(names)
        for name in names:
            steps, values = zip(*found[name], strict=True)
            assert steps == (1, 2, 3, 4)
            np.testing.assert_allclose(values, history[f"{prefix}{name}"], rtol=1e-6)
    rates = scalars(tmp_path)["learning_rate"]
    assert [rate for _, rate in rates] == pytest.approx([0.01, 0.005, 0.0025, 0.00125])


def test_the_rate_is_that_of_the_steps_also_behind_a_callback_that_lowers_it(tmp_path: Path) -> None:
    plateau = ReduceOnPlateau("cost", patience=1, minimum_change=9.0, factor=0.5)
    fit(new_trainer(optimizer=Adam(0.01)), plateau, TensorBoard(tmp_path))
    assert [rate for _, rate in scalars(tmp_path)["learning_rate"]] == pytest.approx([0.01, 0.01, 0.005, 0.0025])


def test_histograms_hold_all_parameters_and_their_gradients(tmp_path: Path) -> None:
    trainer = new_trainer()
    fit(trainer, TensorBoard(tmp_path, histograms_every=2))
    run = read(tmp_path)
    paths = list(trainer.model.parameters)
    assert set(run.Tags()["histograms"]) == {f"{kind}/{path}" for kind in ("parameters", "gradients") for path in paths}
    for path, values in trainer.model.parameters.items():
        events = run.Histograms(f"parameters/{path}")
        assert [event.step for event in events] == [2, 4]
        last = events[-1].histogram_value
        assert (last.num, sum(last.bucket)) == (values.size, values.size)
        assert (last.min, last.max) == (values.min(), values.max())
        assert last.sum == pytest.approx(float(values.sum(dtype=float)), abs=1e-6)


def test_gradients_are_those_of_the_mean_cost_over_the_rows(tmp_path: Path) -> None:
    trainer = new_trainer(Flatten(), Dense(3))
    fit(trainer, TensorBoard(tmp_path))
    run = read(tmp_path)
    norms = trainer.gradient_norms((X, Y))
    squares = [run.Histograms(f"gradients/1.{name}")[-1].histogram_value.sum_squares for name in ("weight", "bias")]
    assert math.sqrt(sum(squares)) == pytest.approx(norms["1"], rel=1e-4)


def test_frozen_parameters_have_no_gradients(tmp_path: Path) -> None:
    trainer = new_trainer(Flatten(), first := Dense(5), Dense(3))
    first.freeze()
    fit(trainer, TensorBoard(tmp_path))
    tags = read(tmp_path).Tags()["histograms"]
    assert {"parameters/1.weight", "gradients/2.weight"} < set(tags)
    assert "gradients/1.weight" not in tags


def image(folder: Path, tag: str) -> Array:
    from PIL import Image

    found = np.asarray(Image.open(io.BytesIO(read(folder).Images(tag)[-1].encoded_image_string)))
    # grey ones are written in colour too
    return found[:, :, 0] if (found == found[:, :, :1]).all() else found


def test_the_weights_of_the_first_layer_are_images_on_one_scale(tmp_path: Path) -> None:
    trainer = new_trainer()
    fit(trainer, TensorBoard(tmp_path, images=4))
    weights = trainer.model.parameters["1.weight"]
    drawn = image(tmp_path, "weights/1.weight")
    # two by two tiles of 4 by 3 pixels, and one between them
    assert drawn.shape == (9, 7)
    wanted = np.rint(127.5 + 127.5 * weights[:, :4] / np.abs(weights[:, :4]).max()).astype(int)
    np.testing.assert_allclose(drawn[:4, :3].astype(int), wanted[:, 0].reshape(4, 3), atol=1)
    np.testing.assert_allclose(drawn[5:, 4:].astype(int), wanted[:, 3].reshape(4, 3), atol=1)
    assert not drawn[4].any()


def test_of_images_in_colour_the_weights_are_too(tmp_path: Path) -> None:
    x = RNG.normal(size=(10, 4, 2, 3))
    new_trainer(Flatten(), Dense(3)).fit((x, Y[:10]), epochs=1, callbacks=[TensorBoard(tmp_path)])
    assert image(tmp_path, "weights/1.weight").shape == (9, 5, 3)


def test_filters_are_images(tmp_path: Path) -> None:
    conv = pytest.importorskip("layerkit_conv")
    trainer = new_trainer(conv.Conv2D(5, 3), Flatten(), Dense(3))
    x = RNG.normal(size=(10, 6, 6, 2))
    trainer.fit((x, Y[:10]), epochs=1, callbacks=[TensorBoard(tmp_path, histograms_every=None)])
    # five filters of two channels: ten tiles in three rows of four
    assert image(tmp_path, "weights/0.weight").shape == (11, 15)
    assert not read(tmp_path).Tags()["histograms"]


@pytest.mark.parametrize("x", [X.reshape(40, 12), X[:, :, :2].reshape(40, 2, 2, 2)], ids=["rows", "two channels"])
def test_what_is_no_image_is_not_drawn(x: Array, tmp_path: Path) -> None:
    new_trainer(Flatten(), Dense(3)).fit((x, Y), epochs=1, callbacks=[TensorBoard(tmp_path)])
    assert read(tmp_path).Tags()["images"] == []


def test_settings_stand_by_their_paths_beside_the_measures(tmp_path: Path) -> None:
    fit(new_trainer(), TensorBoard(tmp_path))
    settings, measures = comparison_of(tmp_path)
    wanted = {
        "layers.1": "dense",
        "layers.1.units": 5,
        "layers.1.activation": "relu",
        "layers.3.rate": 0.2,
        "optimizer": "adam",
        "optimizer.learning_rate.initial": 0.01,
        "cost": "cross-entropy",
        "batch_size": 8,
        "shuffle": True,
        "seed": 0,
        "dtype": "float32",
    }
    assert {name: settings.get(name) for name in wanted} == wanted
    assert set(measures) == {("", "cost"), ("", "seconds"), ("validation", "cost"), ("validation", "accuracy")}
    for part, chart in measures:
        assert scalars(tmp_path / part)[chart][-1][0] == EPOCHS


@final
class Unnamed(Layer):
    """A layer that is registered nowhere, with an argument that no file can hold."""

    def __init__(self, factors: Any) -> None:
        self.factors = factors

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Any, ctx: Any) -> Any:
        return x * 2

    def backward(self, grad: Any, ctx: Any) -> Any:
        return grad * 2


def test_components_without_a_name_are_told_too(tmp_path: Path) -> None:
    fit(new_trainer(Flatten(), Unnamed(np.ones(2)), Dense(3)), TensorBoard(tmp_path))
    settings, _ = comparison_of(tmp_path)
    assert settings["layers.1"].endswith("Unnamed")
    assert settings["optimizer"] == "adam"


class Breaks(Callback):
    """Ends a fit after a step: by an error, or by asking for it."""

    every_steps = 1
    changes_training = False

    def __init__(self, step: int, kind: str) -> None:
        self.step = step
        self.kind = kind

    def steps_ended(self, fit: FitView) -> None:
        if fit.step == self.step:
            if self.kind == "raised":
                raise RuntimeError
            fit.stop("enough", now=True)


@pytest.mark.parametrize("kind", ["raised", "stopped"])
@pytest.mark.parametrize("step", [4, STEPS, STEPS + 2, 2 * STEPS, 2 * STEPS + 1])
def test_interrupted_and_resumed_it_holds_what_it_would_have_held(kind: str, step: int, tmp_path: Path) -> None:
    fit(new_trainer(), TensorBoard(tmp_path / "whole"))
    run, saved = tmp_path / "run", tmp_path / "saved.safetensors"
    # every third step: where an error comes, an epoch may be written that is done again
    with suppress(RuntimeError):
        fit(new_trainer(), TensorBoard(run), Breaks(step, kind), Checkpoint(saved, every_steps=3))
    again = new_trainer()
    layerkit.resume(again, saved)
    fit(again, TensorBoard(run), Checkpoint(saved, every_steps=3))
    assert everything(run) == everything(tmp_path / "whole")


def test_a_second_fit_goes_on(tmp_path: Path) -> None:
    fit(new_trainer(), TensorBoard(tmp_path / "whole"))
    trainer = new_trainer()
    fit(trainer, TensorBoard(tmp_path / "run"), epochs=1)
    fit(trainer, TensorBoard(tmp_path / "run"), epochs=EPOCHS - 1)
    assert everything(tmp_path / "run") == everything(tmp_path / "whole")


def test_a_run_from_its_beginning_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    other = tmp_path / "events.out.tfevents.123.elsewhere"
    other.write_bytes(b"")
    fit(new_trainer(), TensorBoard(tmp_path), epochs=3)
    fit(new_trainer(Flatten(), Dense(3)), TensorBoard(tmp_path), epochs=1)
    assert [step for step, _ in scalars(tmp_path)["cost"]] == [1]
    assert comparison_of(tmp_path)[0]["layers.1.units"] == 3
    assert other.exists()


def test_no_bit_of_the_training_changes(tmp_path: Path) -> None:
    alone, watched = new_trainer(), new_trainer()
    fit(alone)
    fit(watched, TensorBoard(tmp_path))
    for kind in ("parameters", "states"):
        vectors = [getattr(each.model.structure, kind) for each in (alone, watched)]
        assert vectors[0].tobytes() == vectors[1].tobytes()
    assert alone.history["validation_cost"] == watched.history["validation_cost"]


def test_of_a_stream_there_are_no_gradients(tmp_path: Path) -> None:
    def batches() -> Iterator[tuple[Array, Array]]:
        yield X[:20], Y[:20]
        yield X[20:], Y[20:]

    trainer = new_trainer(optimizer=Adam())
    trainer.model.initialize((4, 3), seed=0)
    trainer.fit(batches, epochs=2, callbacks=[TensorBoard(tmp_path)])
    tags = read(tmp_path).Tags()["histograms"]
    assert tags
    assert all(tag.startswith("parameters/") for tag in tags)


class After(Callback):
    """Does something at the end of an epoch, before those behind it are told."""

    def __init__(self, epoch: int, action: Any) -> None:
        self.epoch = epoch
        self.action = action

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        if record["epoch"] == self.epoch:
            self.action()


def raising() -> None:
    raise KeyboardInterrupt


def test_a_fit_that_fails_leaves_what_was_written_and_closes_its_files(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        fit(new_trainer(), After(3, raising), board)
    assert [step for step, _ in scalars(tmp_path / "validation")["cost"]] == [1, 2]
    assert board._files._open == {}


def test_each_epoch_is_there_at_once(tmp_path: Path) -> None:
    seen = []
    look = After(2, lambda: seen.append(scalars(tmp_path)["cost"]))
    history = fit(new_trainer(), TensorBoard(tmp_path), look)
    assert [step for step, _ in seen[0]] == [1, 2]
    assert seen[0][1][1] == pytest.approx(history["cost"][1])


def test_what_cannot_be_written_is_told_and_training_can_go_on(tmp_path: Path) -> None:
    trainer = new_trainer()
    blocks = After(1, lambda: (tmp_path / "validation").write_text("in the way"))
    with pytest.raises(LayerkitError, match=r"TensorBoard: writing to .* failed: .*exists.* fit goes on from there"):
        fit(trainer, blocks, TensorBoard(tmp_path))
    assert len(trainer.history) == 1
    (tmp_path / "validation").unlink()
    fit(trainer, TensorBoard(tmp_path), epochs=1)
    assert [step for step, _ in scalars(tmp_path / "validation")["cost"]] == [2]


@pytest.mark.parametrize("place", ["file", "file/inside", "n" * 300])
def test_a_folder_that_cannot_be_is_refused_before_the_first_step(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trainer = new_trainer()
    with pytest.raises(ArgumentError, match=r"TensorBoard: folder .* cannot be written to: .*; give a folder"):
        fit(trainer, TensorBoard(tmp_path / place))
    assert trainer.history.records == []


def test_two_in_one_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "run")
    with pytest.raises(ArgumentError, match="is written to by another TensorBoard too"):
        fit(new_trainer(), TensorBoard(tmp_path / "run"), TensorBoard(tmp_path / "link"))
    fit(new_trainer(), TensorBoard(tmp_path / "run"), TensorBoard(tmp_path / "other"), epochs=1)


def test_a_fit_that_is_refused_leaves_the_run_that_was_there(tmp_path: Path) -> None:
    class Refuses(Callback):
        def fit_started(self, fit: FitView) -> None:
            raise ArgumentError("no")

    fit(new_trainer(), TensorBoard(tmp_path))
    before = everything(tmp_path)
    with pytest.raises(ArgumentError, match="no"):
        fit(new_trainer(), TensorBoard(tmp_path), Refuses())
    assert everything(tmp_path) == before


def test_numbers_that_are_not_finite_and_words_are_left_out(tmp_path: Path) -> None:
    class Adds(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            record.update(word="good", nothing=None, infinite=math.inf, yes=True, mine=np.float32(0.5))

    fit(new_trainer(), Adds(), TensorBoard(tmp_path))
    assert set(scalars(tmp_path)) == {"cost", "seconds", "learning_rate", "mine"}


def test_digits_are_drawn(tmp_path: Path) -> None:
    trainer = new_trainer(Rescale(1 / 16), Flatten(), Dense(16), Dense(10))
    trainer.fit(Digits(), epochs=1, callbacks=[TensorBoard(tmp_path)])
    # four by four tiles of 8 by 8 pixels
    assert image(tmp_path, "weights/2.weight").shape == (35, 35)
