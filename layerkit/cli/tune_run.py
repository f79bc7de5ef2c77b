"""What ``layerkit tune`` does once its arguments are read."""

from __future__ import annotations

import math
import re
import signal
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO, NoReturn, final

from layerkit import __version__
from layerkit.atomic import write_atomically
from layerkit.cli.json_report import check_writable, write_json
from layerkit.cli.places import require_apart
from layerkit.cli.tune_display import TuneDisplay
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments.changes import Changes, changed
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.lookup import Script, find
from layerkit.steps.threads import allowed_cores
from layerkit.tuning.dask_workers import DaskWorkers
from layerkit.tuning.experiment_search import tune_experiment
from layerkit.tuning.needed import require_optuna
from layerkit.tuning.report import report_html
from layerkit.tuning.result import Result
from layerkit.tuning.search import Search, parse_search
from layerkit.tuning.usual_choices import usual_space
from layerkit.tuning.winner_file import winner_toml

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


@final
@dataclass(frozen=True, kw_only=True)
class TuneRequest:
    """A command; None: not given."""

    name: str
    trials: int | None
    jobs: int | None
    scheduler: str | None
    time_limit: str | None
    metric: str | None
    sampler: str | None
    pruner: str | None
    epochs: int | None
    seed: int | None
    engine: str | None
    data_dir: str | None
    storage: str | None
    resume: bool
    join: bool
    save: Path | None
    json_file: Path | None
    report: Path | None
    quiet: bool


def tune_as_asked(request: TuneRequest) -> int:
    """Search; the exit code.

    Raises:
        LayerkitError: the search cannot begin or go on; the message says why.
    """
    require_optuna()
    experiment, search = _asked(request)
    if request.resume and request.storage is None:
        raise ArgumentError("--resume: say where the search is kept, --storage FILE")
    if request.join and request.storage is None:
        raise ArgumentError("--join: say where the search is kept that commands share, --storage FILE or URL")
    if request.resume and request.join:
        raise ArgumentError("--join goes on with a search that commands share, --resume with one's own: leave out one")
    limit = None if request.time_limit is None else seconds_of(request.time_limit)
    if request.jobs is not None and request.jobs < 1:
        raise ArgumentError(f"--jobs must be at least 1, got {request.jobs}")
    if request.jobs is not None and request.scheduler is not None:
        raise ArgumentError("--jobs counts processes here, and with --scheduler the cluster trains: leave out one")
    require_apart(
        {"--save": request.save, "--json": request.json_file, "--report": request.report},
        [("the experiment itself", request.name)],
    )
    if request.save is not None:
        check_writable("--save", request.save, replaces=_is_toml, kind="TOML")
    if request.json_file is not None:
        check_writable("--json", request.json_file)
    if request.report is not None:
        check_writable("--report", request.report, replaces=_is_html, kind="HTML")
    display = TuneDisplay(experiment, search, time_limit=limit, quiet=request.quiet)
    cluster = None if request.scheduler is None else DaskWorkers(request.scheduler)
    with _interrupted_by_terminate(), nullcontext() if cluster is None else closing(cluster), display:
        result = tune_experiment(
            experiment,
            search,
            jobs=(request.jobs or allowed_cores()) if cluster is None else cluster.count,
            workers=cluster,
            time_limit=limit,
            storage=request.storage,
            resume=request.resume,
            join=request.join,
            watcher=display,
        )
    if request.json_file is not None:
        write_json(request.json_file, {"layerkit": __version__, **result.as_json()})
    folder = None if request.save is None else request.save.parent
    text = winner_toml(result, folder=folder) if result.settings is not None else None
    if request.save is not None and text is not None:
        _write("--save", request.save, text)
    if request.report is not None and result.best is not None:
        _write("--report", request.report, report_html(result))
    display.end(result, text, saved=request.save)
    if result.interrupted:
        _tell_interruption(result, request)
        return 130
    return 0


def seconds_of(text: str) -> float:
    """A time as people write it.

    Raises:
        ArgumentError: it is none.

    >>> seconds_of("900"), seconds_of("15m"), seconds_of("1h30m")
    (900.0, 900.0, 5400.0)
    """
    parts = re.fullmatch(r"(?:([\d.]+)h)?(?:([\d.]+)m)?(?:([\d.]+)s?)?", text.strip())
    try:
        found = (
            sum(float(part) * unit for part, unit in zip(parts.groups(), _UNITS.values(), strict=True) if part)
            if parts
            else 0.0
        )
    except ValueError:
        found = 0.0
    if not found > 0 or not math.isfinite(found):
        raise ArgumentError(f"--time-limit must be a time such as 900 (seconds), 15m or 1h30m, got {text!r}")
    return found


def _asked(request: TuneRequest) -> tuple[Experiment, Search]:
    found: Any = find(request.name)
    if not isinstance(found, (Experiment, Script)):
        found = found()
    if not isinstance(found, Experiment):
        raise ArgumentError(
            f"{request.name} is a program, and what can be tuned is an experiment: a .toml file, or an example that is "
            "one. In Python, layerkit.tuning.tune does the same for a function that builds a model"
        )
    experiment, _ = changed(found, Changes(epochs=request.epochs, data_dir=request.data_dir, engine=request.engine))
    search = parse_search(experiment.search, source=request.name)
    if search.space is None:
        experiment, space = usual_space(experiment)
        search = replace(search, space=space)
    given: dict[str, Any] = {
        "trials": request.trials,
        "metric": request.metric,
        "sampler": request.sampler,
        "pruner": request.pruner,
        "seed": request.seed,
    }
    for option, value in given.items():
        if value is not None:
            try:
                search = replace(search, **{option: value})
            except ArgumentError as error:
                raise ArgumentError(f"--{option}: {error}") from error
    return experiment, search


def _is_toml(file: BinaryIO) -> bool:
    try:
        tomllib.load(file)
    except (ValueError, RecursionError):
        return False
    return True


def _is_html(file: BinaryIO) -> bool:
    return file.read(64).lstrip().lower().startswith((b"<!doctype html", b"<html"))


def _write(option: str, path: Path, text: str) -> None:
    try:
        write_atomically(path, [text.encode()])
    except OSError as error:
        raise LayerkitError(f"{option}: {path} cannot be written: {error.strerror or error}") from error


def _tell_interruption(result: Result, request: TuneRequest) -> None:
    best = result.best
    so_far = "" if best is None else f" Best so far: {result.objective.name} {best.value:.4g}, trial {best.number}."
    onward = (
        f"It can go on, with {'--join' if request.join else '--resume'}."
        if request.storage is not None
        else "Nothing of it is kept: --storage FILE would."
    )
    print(f"Interrupted after {len(result.outcomes)} trials.{so_far} {onward}", file=sys.stderr)


@contextmanager
def _interrupted_by_terminate() -> Iterator[None]:
    """Let SIGTERM end the search as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)
