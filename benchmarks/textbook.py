"""An epoch of ``layerkit.textbook`` beside one of the framework's own trainer: ``python -m benchmarks.textbook``.

[784, 8, 8, 10], 50,000 examples, mini-batches of 50, float64. The textbook class also shuffles a list, and measures
the cost over the training data and the accuracy on a tenth of it, after each epoch. An epoch's time is what each
further epoch adds to a call, so that what happens once a call (taking the lists apart, checking the arrays) is told
apart.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from layerkit import Dense, GradientDescent, Normal, Quadratic, Sequential, Sigmoid, Trainer
from layerkit.textbook import NeuralNetwork

_SIZES = [784, 8, 8, 10]
_LIMIT = 2.0


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes, in silence."""
    with contextlib.redirect_stdout(io.StringIO()):
        began = time.perf_counter()
        run()
        return time.perf_counter() - began


def measure(examples: int, rounds: int, epochs: int) -> dict[str, tuple[float, float]]:
    """For each contender, the median seconds of an epoch, and of what a call costs once."""
    rng = np.random.default_rng(0)
    x = rng.random((examples, _SIZES[0]))
    labels = rng.integers(0, _SIZES[-1], examples)
    y = np.eye(_SIZES[-1])[labels]
    columns = [(row.reshape(-1, 1), target.reshape(-1, 1)) for row, target in zip(x, y, strict=True)]
    test = [(column, int(label)) for (column, _), label in zip(columns[: examples // 10], labels, strict=False)]

    network = NeuralNetwork(len(_SIZES), _SIZES)
    layers = [Dense(size, activation=Sigmoid(), initializer=Normal()) for size in _SIZES[1:]]
    model = Sequential(layers).initialize(_SIZES[0], seed=0, dtype="float64")
    trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(3.0), seed=0)
    contenders: dict[str, Callable[[int], object]] = {
        "layerkit.textbook": lambda count: network.mini_batch_GD(columns, count, 50, 3.0, test),
        "Trainer, float64": lambda count: trainer.fit((x, y), epochs=count, batch_size=50),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            short, long = seconds(lambda run=run: run(1)), seconds(lambda run=run: run(1 + epochs))  # type: ignore[misc]
            each = (long - short) / epochs
            times[name].append((each, short - each))
    return {
        name: (statistics.median(each for each, _ in found), statistics.median(once for _, once in found))
        for name, found in times.items()
    }


def main(
    *,
    examples: Annotated[int, typer.Option(help="How many examples.", min=100)] = 50_000,
    rounds: Annotated[int, typer.Option(help="Measurements of each, in turn.", min=1)] = 5,
    epochs: Annotated[int, typer.Option(help="Epochs that the longer call has more.", min=1)] = 4,
) -> None:
    """Measure, and print the ratio; exit with 1 where it is above 2."""
    found = measure(examples, rounds, epochs)
    table = Table(title=f"{'-'.join(map(str, _SIZES))}, {examples:,} examples, mini-batches of 50, float64")
    for column in ("", "ms an epoch", "ms once a call"):
        table.add_column(column, justify="right" if column else "left")
    for name, (epoch, once) in found.items():
        table.add_row(name, f"{1e3 * epoch:.0f}", f"{1e3 * once:.0f}")
    ratio = found["layerkit.textbook"][0] / found["Trainer, float64"][0]
    console = Console()
    console.print(table)
    console.print(
        f"An epoch of the textbook class takes {ratio:.2f} times the trainer's (at most {_LIMIT:g} are allowed)."
    )
    raise typer.Exit(int(ratio > _LIMIT))


if __name__ == "__main__":
    typer.run(main)
