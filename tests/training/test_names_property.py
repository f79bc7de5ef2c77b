"""Whatever form data comes in, and whatever way a model has taken, columns and classes mean what they are called.

The right answers are worked out row by row and name by name, from the one order in which the first data had its columns
and classes. ``python -m tests.training.test_names_property 5000`` tries so many worlds.
"""

from __future__ import annotations

import copy
import json
import pickle
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import layerkit as kit
from layerkit import (
    Accuracy,
    BinaryAccuracy,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Examples,
    GradientDescent,
    Model,
    Quadratic,
    Schema,
    Sequential,
    Trainer,
    split,
)
from layerkit.cli.main import app
from layerkit.types import Array
from tests.training.names_world import Form, World, draw, frame, members

pytest.importorskip("pandas")
pytest.importorskip("polars")

WORLDS = 8


class Known:
    """What a model is, told by names: its outputs for a row of a world."""

    def __init__(self, world: World, model: Model, columns: list[str], classes: list[str]) -> None:
        self.world, self.classes = world, classes
        weight, bias = (model.parameters[path] for path in ("0.weight", "0.bias"))
        self.weights = [dict(zip(columns, column, strict=True)) for column in weight.T.tolist()]
        self.biases = bias.tolist()

    def outputs(self, row: int) -> list[float]:
        """The logits, one by one."""
        x = self.world.x
        return [
            bias + sum(x[name][row] * weights[name] for name in weights)
            for weights, bias in zip(self.weights, self.biases, strict=True)
        ]

    def scores(self, row: int) -> dict[str, float]:
        """The logarithm of each class's probability, by its name."""
        found = self.outputs(row)
        logits = [0.0, *found] if len(found) == 1 else found
        total = np.log(np.sum(np.exp(logits)))
        return {name: float(logit - total) for name, logit in zip(self.classes, logits, strict=True)}

    def told(self, row: int) -> str:
        """The class that is found."""
        scores = self.scores(row)
        return max(scores, key=scores.__getitem__)

    def cost(self, row: int) -> float:
        """The cost of a row."""
        return -self.scores(row)[str(self.world.kind[row])]


def new_trainer(model: Model, outputs: int) -> Trainer:
    cost = BinaryCrossEntropy() if outputs == 1 else CrossEntropy()
    optimizer = GradientDescent(0.0)
    return Trainer(model, cost=cost, optimizer=optimizer, metrics=[Accuracy()], silence=("all",), seed=0)


def ways(trainer: Trainer, outputs: int, folder: Path) -> dict[str, Callable[[], Trainer]]:
    """The ways that a model may take from where it was trained to where it is used."""

    def used(model: Model) -> Trainer:
        return new_trainer(model, outputs)

    def bare() -> Trainer:
        return used(Sequential([Dense(outputs)]))

    def loaded() -> Trainer:
        kit.save(trainer.model, folder / "m.safetensors", cost=trainer.cost)
        return used(kit.load(folder / "m.safetensors"))

    def resumed() -> Trainer:
        kit.save_checkpoint(trainer, folder / "c.safetensors")
        other = bare()
        kit.resume(other, folder / "c.safetensors")
        return other

    def restored() -> Trainer:
        other = bare()
        other.restore(copy.deepcopy(trainer.state()))
        return other

    return {
        "itself": lambda: copy.deepcopy(trainer),
        "copy": lambda: used(trainer.model.copy()),
        "deepcopy": lambda: used(copy.deepcopy(trainer.model)),
        "pickle": lambda: used(pickle.loads(pickle.dumps(trainer.model))),
        "pickled trainer": lambda: pickle.loads(pickle.dumps(trainer)),
        "file": loaded,
        "resume": resumed,
        "restore": restored,
    }


def check_classes(seed: int, folder: Path) -> None:
    """One world: a model is trained in one form, takes one way, and is used in others."""
    rng = np.random.default_rng(seed)
    world = World(rng)
    everything = rng.permutation(world.rows)
    outputs = world.one_of([1, 2]) if len(world.classes) == 2 else len(world.classes)
    model = Sequential([Dense(outputs)]).initialize(len(world.columns), dtype="float64", seed=seed)
    trainer = new_trainer(model, outputs)
    first = draw(world, everything, outputs=outputs, order=None, by_name=False, known=None)
    trainer.fit(first.data, epochs=1, batch_size=7)
    assert first.classes is not None
    known = Known(world, model, first.columns, first.classes)
    assert model.schema == Schema(
        columns=tuple(first.columns) if first.named else None,
        target=tuple(first.target) if isinstance(first.target, list) else first.target,
        classes=tuple(first.classes),
    ), first.told
    for way, make in ways(trainer, outputs, folder).items():
        rows = world.subset()
        order, named = first.columns, first.named
        form = draw(world, rows, outputs=outputs, order=order, by_name=named, known=first.classes)
        story = f"seed {seed}: trained on {first.told}, then {way}, then {form.told}; {world.classes}"
        check_uses(story, make(), world, known, form, rows, outputs)
    check_command_line(f"seed {seed}: {first.told}", trainer, world, known, first, folder)


def check_uses(story: str, used: Trainer, world: World, known: Known, form: Form, rows: Array, outputs: int) -> None:
    right = [known.told(row) == world.kind[row] for row in rows]
    costs = np.array([known.cost(row) for row in rows])
    wanted = pytest.approx({"cost": costs.mean(), "accuracy": np.mean(right)})
    assert used.evaluate(form.data) == wanted, story
    columns = used.model.schema.columns or form.columns
    inputs = np.column_stack([world.x[name][rows] for name in columns])
    if form.named:
        library = world.one_of(["pandas", "polars"])
        turned = world.turned(world.columns) if used.model.schema.columns is not None else form.columns
        inputs = frame(library, {name: world.x[name][rows] for name in turned})
    assert used.model.classify(inputs).tolist() == [known.told(row) for row in rows], story
    outcomes = [used.model.predict(inputs), used.model.predictor(len(rows)).predict(inputs)]
    for predicted in outcomes:
        for place, row in enumerate(rows):
            scores = known.scores(row)
            probabilities = [np.exp(scores[name]) for name in known.classes][-outputs:]
            assert predicted[place].tolist() == pytest.approx(probabilities), story
    if not callable(form.data) and len(rows) > 3:
        parts = split(form.data, test_fraction=0.5, stratify=bool(world.rng.integers(2)), seed=len(rows))
        sums = [used.evaluate(part)["cost"] * len(part) for part in parts]
        assert sum(sums) == pytest.approx(costs.sum()), story
    weights = {name: float(world.rng.integers(1, 9)) for name in world.classes}
    keys, written = written_weights(world, form, weights)
    given = np.array([weights[str(world.kind[row])] for row in rows])
    more = {"validation": form.data} if world.rng.random() < 0.5 else {}
    history = used.fit(form.data, epochs=1, batch_size=64, class_weights=written, **more)
    told = f"{story}; weights by {keys}"
    assert history["cost"] == pytest.approx([(given * costs).sum() / given.sum()]), told
    if more:
        assert history["validation_accuracy"] == pytest.approx([np.mean(right)]), told
    assert used.model.schema.classes == tuple(known.classes), story


def written_weights(world: World, form: Form, weights: dict[str, float]) -> tuple[str, Any]:
    """Weights of classes as somebody writes them, by name, in numbers where the classes are called so, or by place."""
    ways = ["words", "members"]
    declared = form.classes is not None
    if declared and all(word.replace(".", "").lstrip("-").isdigit() for word in world.classes):
        ways += ["numbers"] * 2
    if declared and set(world.classes) in ({"True", "False"}, {"0", "1"}):
        ways.append("truths")
    if declared and not form.found and "1" not in world.classes and "True" not in world.classes:
        ways.append("places")
    way = world.one_of(ways)
    if way == "members":
        return way, dict(zip(members(list(weights)), weights.values(), strict=True))
    if way == "numbers":
        return way, {(float if "." in name else int)(name): weight for name, weight in weights.items()}
    if way == "truths":
        return way, {name in ("True", "1"): weight for name, weight in weights.items()}
    if way == "places":
        assert form.classes is not None
        return way, {form.classes.index(name): weight for name, weight in weights.items()}
    return way, weights


def check_command_line(story: str, trainer: Trainer, world: World, known: Known, first: Form, folder: Path) -> None:
    """A table, its columns in any order where the model knows names."""
    rows = world.subset()
    columns = world.turned(world.columns) if first.named else first.columns
    kit.save(trainer.model, folder / "m.safetensors", cost=trainer.cost)
    table = {name: world.x[name][rows].tolist() for name in columns}
    several = isinstance(first.target, list) and world.rng.random() < 0.7
    if several and not set(world.columns).isdisjoint(world.classes):
        return
    if several:
        hot = {name: [int(word == name) for word in world.kind[rows]] for name in world.turned(world.classes)}
        table |= hot
        names = world.turned(list(table)) if first.named else [*world.turned(list(hot)), *columns]
    else:
        table["kind"] = world.kind[rows].tolist()
        names = world.turned(list(table)) if first.named else list(table)
    lines = [",".join(names)] + [",".join(str(table[name][row]) for name in names) for row in range(len(rows))]
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    call = ["evaluate", str(folder / "m.safetensors"), str(folder / "t.csv"), "--header", "--json"]
    result = CliRunner().invoke(app, call if several else [*call, "--target", "kind"])
    assert result.exit_code == 0, f"{story}: {result.output} {result.exception!r}"
    costs = [known.cost(row) for row in rows]
    assert json.loads(result.output)["cost"] == pytest.approx(np.mean(costs), rel=1e-5), story
    call = ["predict", str(folder / "m.safetensors"), str(folder / "t.csv"), "--header", "--classes"]
    result = CliRunner().invoke(app, call if several else [*call, "--target", "kind"])
    assert result.output.split()[1:] == [known.told(row) for row in rows], story
    order, kind = world.turned(world.classes), world.kind[rows]
    labels = np.array([order.index(word) for word in kind])
    arrays: dict[str, Any] = world.one_of(
        [{"y": kind}, {"y": kind, "classes": np.array(order)}, {"y": labels, "classes": np.array(order)}]
    )
    np.savez(folder / "t.npz", x=np.column_stack([world.x[name][rows] for name in first.columns]), **arrays)
    result = CliRunner().invoke(app, ["evaluate", str(folder / "m.safetensors"), str(folder / "t.npz"), "--json"])
    assert result.exit_code == 0, f"{story}: {result.output} {result.exception!r} {arrays}"
    assert json.loads(result.output)["cost"] == pytest.approx(np.mean(costs), rel=1e-5), f"{story} {arrays}"


def check_rows(seed: int, folder: Path) -> None:
    """Targets of several columns, labels that hold or not and numbers, are matched by name."""
    rng = np.random.default_rng(seed)
    world = World(rng)
    outputs = int(rng.integers(2, 5))
    labels = bool(rng.integers(2))
    names = world.turned(["p", "q", "r", "s"])[:outputs]
    y = {name: (rng.random(world.rows) < 0.5) * 1.0 if labels else rng.normal(size=world.rows) for name in names}
    model = Sequential([Dense(outputs)]).initialize(len(world.columns), dtype="float64", seed=seed)

    def trainer_of(model: Model) -> Trainer:
        cost, metrics = (BinaryCrossEntropy(), [BinaryAccuracy()]) if labels else (Quadratic(), [])
        return Trainer(model, cost=cost, optimizer=GradientDescent(0.0), metrics=metrics, silence=("all",), seed=0)

    def drawn(rows: Array) -> tuple[str, Any, list[str], list[str]]:
        columns, targets = world.turned(world.columns), world.turned(names)
        library = world.one_of(["pandas", "polars"])
        dtype = world.one_of([bool, int, float]) if labels else float
        x = {name: world.x[name][rows] for name in columns}
        rest = {name: y[name][rows].astype(dtype) for name in targets}
        form = world.one_of(["two frames", "one frame", "names", "stream"])
        if len(rows) == outputs:
            form = "two frames"
        whole = {**x, **rest}
        whole = {name: whole[name] for name in world.turned(list(whole))}
        if form == "one frame":
            order = [name for name in whole if name in x]
            return form, (frame(library, whole), targets), order, targets
        if form == "names":
            data = Examples(
                np.column_stack(list(x.values())),
                np.column_stack(list(rest.values())),
                names=columns,
                target_name=targets,
            )
            return form, data, columns, targets
        pair = frame(library, x), frame(library, rest)
        return form, (lambda: iter([pair])) if form == "stream" else pair, columns, targets

    trainer = trainer_of(model)
    told, data, columns, targets = drawn(rng.permutation(world.rows))
    trainer.fit(data, epochs=1, batch_size=9)
    # numbers that are all 0 or 1 might be classes
    assert model.schema == Schema(
        columns=tuple(columns), target=tuple(targets), classes=tuple(targets) if labels else None
    )
    weight, bias = (model.parameters[path] for path in ("0.weight", "0.bias"))

    def output(name: str, row: int) -> float:
        place = targets.index(name)
        return float(bias[place]) + sum(world.x[c][row] * float(weight[columns.index(c), place]) for c in columns)

    for way in ("itself", "file", "restore"):
        rows = rng.permutation(world.rows)[: rng.integers(1, world.rows)]
        form, other, _, _ = drawn(rows)
        story = f"seed {seed}: {told}, {way}, {form}, {names}"
        used = trainer
        if way == "file":
            kit.save(model, folder / "m.safetensors", cost=trainer.cost)
            used = trainer_of(kit.load(folder / "m.safetensors"))
        if way == "restore":
            used = trainer_of(Sequential([Dense(outputs)]))
            used.restore(trainer.state())
        cost = 0.0
        for row in rows:
            for name in names:
                z, t = output(name, row), y[name][row]
                cost += np.log1p(np.exp(-abs(z))) + max(z, 0.0) - z * t if labels else (z - t) ** 2 / 2
        assert used.evaluate(other)["cost"] == pytest.approx(cost / len(rows)), story
        inputs = frame("pandas", {name: world.x[name][rows] for name in world.turned(world.columns)})
        if labels:
            wanted = [[name for name in targets if output(name, row) > 0] for row in rows]
            assert [list(found) for found in used.model.classify(inputs)] == wanted, story
        table = {**{name: world.x[name][rows] for name in world.columns}, **{name: y[name][rows] for name in names}}
        order = world.turned(list(table))
        kit.save(used.model, folder / "m.safetensors", cost=trainer.cost)
        lines = [",".join(order)] + [",".join(str(table[name][at]) for name in order) for at in range(len(rows))]
        (folder / "t.csv").write_text("\n".join(lines) + "\n")
        result = CliRunner().invoke(
            app, ["evaluate", str(folder / "m.safetensors"), str(folder / "t.csv"), "--header", "--json"]
        )
        assert result.exit_code == 0, f"{story}: {result.output}"
        assert json.loads(result.output)["cost"] == pytest.approx(cost / len(rows), rel=1e-5), story


@pytest.mark.parametrize("seed", range(WORLDS))
def test_classes_mean_what_they_are_called(seed: int, tmp_path: Path) -> None:
    check_classes(seed, tmp_path)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_targets_of_several_columns_mean_what_they_are_called(seed: int, tmp_path: Path) -> None:
    check_rows(seed, tmp_path)


def main() -> None:
    """Try many worlds, and tell which fail."""
    count = int(sys.argv[1])
    start = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(start, start + count):
            for check in (check_classes, check_rows):
                try:
                    check(seed, Path(folder))
                except Exception as error:
                    failed.append(f"{check.__name__}({seed}): {type(error).__name__}: {error}")
    print(*failed[:20], f"{len(failed)} of {2 * count} failed", sep="\n")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
