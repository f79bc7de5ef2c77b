"""Schedules, and how outputs and gradients are spread while a network trains."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from layerkit import (
    CosineDecay,
    Dense,
    GradientDescent,
    LayerStatistics,
    Quadratic,
    ReLU,
    Sequential,
    StepDecay,
    Trainer,
)
from layerkit.errors import ArgumentError
from layerkit.plots import distributions, schedule
from layerkit.types import Array

pytestmark = pytest.mark.extra


def test_the_rates_are_those_of_the_formula() -> None:
    ax = schedule(CosineDecay(0.2, length=4), steps=40, epochs=4)
    epochs = np.arange(40) / 10
    np.testing.assert_allclose(ax.lines[0].get_xdata(), epochs)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 0.1 * (1 + np.cos(np.pi * epochs / 4)))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "learning rate")
    schedule(StepDecay(0.1, factor=0.5, every=1), steps=40, epochs=4, name="steps", ax=ax)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["CosineDecay(0.2, length=4)", "steps"]
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def test_a_long_training_is_drawn_by_some_of_its_steps() -> None:
    ax = schedule(CosineDecay(0.2, length=10**6, unit="step"), steps=10**6)
    x = ax.lines[0].get_xdata()
    assert (len(x), x[0], x[-1]) == (2000, 0, 10**6 - 1)
    assert ax.get_xlabel() == "step"


def test_steps_must_make_epochs() -> None:
    with pytest.raises(ArgumentError, match="no 3 epochs of equal length"):
        schedule(CosineDecay(0.2, length=3), steps=10, epochs=3)
    with pytest.raises(ArgumentError, match="epochs needs data of known length"):
        schedule(CosineDecay(0.2, length=3), steps=10)
    with pytest.raises(ArgumentError, match="must be a Schedule object"):
        schedule(0.1, steps=10)  # type: ignore[arg-type]


def trained(statistics: LayerStatistics) -> tuple[Sequential, Array]:
    x = np.random.default_rng(0).normal(size=(30, 3))
    model = Sequential([Dense(4, activation=ReLU()), Dense(1)]).initialize(3, seed=0, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.01), seed=0, silence=("all",))
    trainer.fit((x, x[:, :1]), epochs=3, batch_size=30, callbacks=[statistics])
    return model, x


def test_percentiles_are_those_of_a_pass_by_hand(tmp_path: Path) -> None:
    statistics = LayerStatistics(tmp_path / "log.jsonl", rows=100, percentiles=True)
    model, x = trained(statistics)
    outputs = model.outputs(x, layers=[0, 1])
    record = statistics.records[-1]
    for percentile in (5, 25, 50, 75, 95):
        for path in "01":
            assert record[f"{path}.output_{percentile}"] == pytest.approx(np.percentile(outputs[path], percentile))
    error = (outputs["1"] - x[:, :1]) / len(x)
    gradient = np.append(outputs["0"].T @ error, error.sum())
    assert record["1.gradient_75"] == pytest.approx(np.percentile(gradient, 75))
    ax = distributions(statistics)
    assert [panel.get_ylabel() for panel in ax.child_axes] == ["0.function", "0", "1"]
    last = ax.child_axes[-1]
    assert last.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert last.lines[0].get_ydata().tolist() == [each["1.output_50"] for each in statistics.records]
    wide, narrow = ({tuple(corner) for corner in band.get_paths()[0].vertices.tolist()} for band in last.collections)
    assert {(3.0, record["1.output_5"]), (3.0, record["1.output_95"])} <= wide
    assert {(3.0, record["1.output_25"]), (3.0, record["1.output_75"])} <= narrow
    gradients = distributions(statistics, of="gradients")
    assert {panel.get_ylabel() for panel in gradients.child_axes} == {"0", "1"}
    logged = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    again = distributions(logged, layers=[1])
    assert again.child_axes[0].lines[0].get_xydata().tolist() == last.lines[0].get_xydata().tolist()


def test_without_percentiles_it_is_mean_deviation_and_norm() -> None:
    statistics = LayerStatistics()
    trained(statistics)
    [panel] = distributions(statistics, layers=[1]).child_axes
    first = statistics.records[0]
    assert panel.lines[0].get_ydata()[0] == first["1.mean"]
    corners = {tuple(corner) for corner in panel.collections[0].get_paths()[0].vertices.tolist()}
    assert (1.0, first["1.mean"] + first["1.deviation"]) in corners
    [panel] = distributions(statistics, of="gradients", layers=[1]).child_axes
    assert panel.lines[0].get_ydata().tolist() == [each["1.gradient"] for each in statistics.records]


def test_records_that_lack_what_is_asked_are_told() -> None:
    with pytest.raises(ArgumentError, match="after a fit"):
        distributions(LayerStatistics())
    statistics = LayerStatistics()
    trained(statistics)
    with pytest.raises(ArgumentError, match="they have '0', '1'"):
        distributions(statistics, of="gradients", layers=["0.function"])
    with pytest.raises(ArgumentError, match="of must be one of"):
        distributions(statistics, of="weights")  # type: ignore[arg-type]
