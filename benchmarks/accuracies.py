"""Which test accuracy the examples and the networks of the literature reach: ``python -m benchmarks.accuracies``."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.machine import describe
from layerkit.config import parts
from layerkit.experiments import Changes, Experiment, Session, changed, find


@dataclass(frozen=True, kw_only=True)
class Case:
    """An example with changes, and the median accuracy that it must reach at the last epoch."""

    name: str
    example: str
    changes: Changes
    target: float
    source: str


CASES = (
    Case(name="digits 64-30-10", example="digits", changes=Changes(), target=0.95, source="`layerkit run digits`"),
    Case(
        name="MNIST 784-30-10",
        example="mnist",
        changes=Changes(layers=(30, 10), learning_rate=3.0),
        target=0.9542,
        source="Nielsen's published peak",
    ),
    Case(
        name="MNIST 784-100-10",
        example="mnist",
        changes=Changes(layers=(100, 10), learning_rate=3.0),
        target=0.975,
        source="",
    ),
    Case(
        name="MNIST 784-16-16-10",
        example="mnist",
        changes=Changes(layers=(16, 16, 10), learning_rate=3.0),
        target=0.92,
        source="the assignment's *excellent*",
    ),
    Case(
        name="MNIST 784-8-8-10",
        example="mnist",
        changes=Changes(),
        target=0.90,
        source="`layerkit run mnist`; the assignment's *very good*",
    ),
    Case(
        name="MNIST 784-256-10, ReLU, dropout, Adam",
        example="mnist-better",
        changes=Changes(),
        target=0.98,
        source="`layerkit run mnist-better`",
    ),
    Case(
        name="MNIST 784-417-417-10, GELU, dropout, label smoothing, AdamW",
        example="mnist-gelu",
        changes=Changes(),
        target=0.987,
        source="`layerkit run mnist-gelu`, as a search found it",
    ),
    Case(
        name="MNIST 784-243-103-10",
        example="mnist-sigmoid",
        changes=Changes(),
        target=0.98,
        source="`layerkit run mnist-sigmoid`",
    ),
    Case(
        name="MNIST 784-800-400-10, images bent",
        example="mnist-elastic",
        changes=Changes(),
        target=0.992,
        source="`layerkit run mnist-elastic`",
    ),
)


def measure(case: Case, seeds: int, data_dir: Path | None, engine: str | None) -> dict[str, Any]:
    """Train once a seed; the accuracies at the last epoch and the seconds of training."""
    found = find(case.example)
    assert isinstance(found, Experiment)
    experiment, _ = changed(found, case.changes)
    if engine is not None:
        experiment, _ = changed(experiment, Changes(engine=engine))
    if data_dir is not None and any(path.endswith("data_dir") for path in parts(experiment.dataset)):
        experiment, _ = changed(experiment, Changes(data_dir=str(data_dir)))
    accuracies, seconds = [], []
    for seed in range(seeds):
        session = Session(experiment.with_settings(seed=seed))
        history = session.fit()
        accuracies.append(history["validation_accuracy"][-1])
        seconds.append(sum(history["seconds"]))
        typer.echo(f"{case.name}, seed {seed}: {accuracies[-1]:.2%} in {seconds[-1]:.1f} s", err=True)
    return {
        "name": case.name,
        "optimizer": repr(experiment.optimizer),
        "batch_size": experiment.batch_size,
        "epochs": experiment.epochs,
        "accuracies": accuracies,
        "median": statistics.median(accuracies),
        "seconds": statistics.median(seconds),
        "target": case.target,
        "source": case.source,
    }


def table(results: list[dict[str, Any]]) -> str:
    """The results as Markdown."""
    lines = [
        "| network | optimizer | batch | epochs | median | lowest | highest | must reach | training |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for result in results:
        low, high = min(result["accuracies"]), max(result["accuracies"])
        source = f" ({result['source']})" if result["source"] else ""
        wanted = f"{result['target']:.2%}{source}"
        lines.append(
            f"| {result['name']} | `{result['optimizer']}` | {result['batch_size']} | {result['epochs']} "
            f"| **{result['median']:.2%}** | {low:.2%} | {high:.2%} | {wanted} | {result['seconds']:.1f} s |"
        )
    return "\n".join(lines)


def run(
    *,
    seeds: Annotated[int, typer.Option(help="How often each network is trained.", min=1)] = 5,
    only: Annotated[str | None, typer.Option(help="Only cases whose name holds this.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder with MNIST's IDX files.")] = None,
    engine: Annotated[str | None, typer.Option(help="Such as numba/jit.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file.")] = None,
) -> None:
    """Train each network with several seeds; fail if a median misses what it must reach."""
    results = [measure(case, seeds, data_dir, engine) for case in CASES if only is None or only in case.name]
    typer.echo(table(results))
    if json_file is not None:
        report = {"machine": describe(), "results": results}
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    missed = [result["name"] for result in results if result["median"] < result["target"]]
    if missed:
        typer.echo(f"missed: {', '.join(missed)}", err=True)
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(run)
