"""The benchmark's command line."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import data
from benchmarks.cases import CASES, Case, case_named
from benchmarks.contenders import CONTENDERS, entry_named
from benchmarks.machine import describe
from benchmarks.parts import accuracy, conv, inference, startup, steps
from benchmarks.settings import Settings

PARTS = {"steps": steps, "inference": inference, "startup": startup, "accuracy": accuracy, "conv": conv}


_QUICK_CONTENDERS = ("c_floor", "gemm_floor", "numpy_loop", "layerkit", "layerkit_numba")


def names(text: str | None) -> list[str]:
    """``"a, b"`` as a list."""
    return [name.strip() for name in text.split(",")] if text else []


def chosen_cases(text: str | None) -> tuple[Case, ...]:
    """The cases named, or all."""
    try:
        return tuple(case_named(name) for name in names(text)) or CASES
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--cases") from None


def chosen_contenders(text: str | None) -> list[str]:
    """The contenders named, or all."""
    try:
        return [entry_named(name).name for name in names(text)] or [entry.name for entry in CONTENDERS]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--only") from None


def chosen_threads(text: str) -> tuple[int, ...]:
    """The numbers of threads named."""
    if not all(name.isdecimal() and int(name) for name in names(text)):
        raise typer.BadParameter(f"takes whole numbers above 0, such as 1,2; got {text!r}", param_hint="--threads")
    return tuple(int(name) for name in names(text))


def chosen_parts(text: str | None) -> list[str]:
    """The parts named, or all."""
    unknown = [name for name in names(text) if name not in PARTS]
    if unknown:
        raise typer.BadParameter(
            f"no part is called {unknown[0]!r}; there are {', '.join(PARTS)}", param_hint="--parts"
        )
    return names(text) or list(PARTS)


def run(
    *,
    only: Annotated[str | None, typer.Option(help="Contenders, separated by commas.")] = None,
    cases: Annotated[str | None, typer.Option(help="Networks and batch sizes: 784-30-10/10,784-100-10/32")] = None,
    parts: Annotated[str | None, typer.Option(help=f"Which parts to measure: {', '.join(PARTS)}")] = None,
    threads: Annotated[str, typer.Option(help="How many threads each library may use.")] = "1,2",
    rounds: Annotated[int | None, typer.Option(help="Rounds in each process.", min=1)] = None,
    processes: Annotated[int | None, typer.Option(help="How often every process starts afresh.", min=1)] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Under a minute: small networks, one thread.")] = False,
    data_dir: Annotated[Path | None, typer.Option(help="Folder with MNIST's IDX files.")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write every figure to this file.")] = None,
    plot_file: Annotated[Path | None, typer.Option("--plot", help="Draw the steps to this file.")] = None,
) -> None:
    """Measure layerkit, the floors and every installed peer in one run, each in processes of its own, in turn."""
    console, progress = Console(soft_wrap=False), Console(stderr=True)
    cases = cases or ("784-30-10/10,784-8-8-10/50" if quick else None)
    wanted = chosen_contenders(only or (",".join(_QUICK_CONTENDERS) if quick else None))
    selected = chosen_parts(parts or ("steps,inference" if quick else None))
    absent = {name: missing for name in wanted if (missing := entry_named(name).missing())}
    try:
        mnist = data.find_mnist(data_dir)
    except FileNotFoundError as error:
        raise typer.BadParameter(str(error), param_hint="--data-dir") from None
    with tempfile.TemporaryDirectory() as folder:
        data.store(mnist, Path(folder))
        settings = Settings(
            folder=Path(folder),
            real_data=mnist is not None,
            cases=chosen_cases(cases),
            contenders=tuple(name for name in wanted if name not in absent),
            threads=chosen_threads("1" if quick else threads),
            processes=processes or (1 if quick else 3),
            rounds=rounds or (5 if quick else 7),
            round_seconds=0.1 if quick else 0.25,
            say=lambda text: progress.print(f"[dim]{text}[/dim]", highlight=False),
        )
        report: dict[str, Any] = {"machine": describe(), "data": "MNIST" if mnist else "noise", "absent": absent}
        for name in selected:
            report[name] = PARTS[name].measure(settings)
            if json_file:  # after each part, so that a run that is cut short keeps what it has
                json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    console.print(f"\n{report['machine']['processor']}; data: {report['data']}", highlight=False)
    for name in selected:
        console.print(PARTS[name].table(report[name]))
    for name, reason in absent.items():
        console.print(f"{name}: absent ({reason})", highlight=False)
    if plot_file:
        _plot(report, plot_file, console)


def _plot(report: dict[str, Any], path: Path, console: Console) -> None:
    from benchmarks.plot import draw

    try:
        draw(report.get("steps", []), path)
    except ModuleNotFoundError as error:
        console.print(f"No plot: {error.name} is not installed.", highlight=False)


if __name__ == "__main__":
    typer.run(run)
