"""Trials a minute in processes and in threads of one process, under both engines."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from layerkit import Digits, Examples, Mnist
from layerkit.data.split import split
from layerkit.tuning.processes import Processes
from layerkit.tuning.tasks import TrialTask

_ENGINES = ("numba/jit", "numpy")
_WIDTHS = (16, 32, 64, 128)
_EPOCHS = 10
_ROUNDS = 3


def compared(mnist: Path | None, jobs: int) -> dict[str, dict[str, float]]:
    """By data and engine: the median pace of one thread, of ``jobs`` threads and of as many processes, all warm."""
    found = {}
    data: list[tuple[str, Any, float, int]] = [("digits", Digits(), 1 / 16, 16)]
    if mnist is not None:
        data.append(("MNIST", Mnist(data_dir=str(mnist)), 1 / 255, 4))
    for name, dataset, scale, trials in data:
        train = dataset.load("train")
        assert isinstance(train, Examples)
        parts = [split(train.take(slice(0, 12_000)), test_fraction=0.2, seed=0)]
        for engine in _ENGINES:
            found[f"{name}, {engine}"] = _measured(parts, jobs, [_task(each, engine, scale) for each in range(trials)])
    return found


def _measured(parts: list[Any], jobs: int, tasks: Sequence[TrialTask]) -> dict[str, float]:
    data = {"parts": parts}

    def perform(task: TrialTask) -> Any:
        return task.perform(data)

    with closing(Processes(jobs)) as processes, ThreadPoolExecutor(jobs) as threads:
        processes.share("parts", parts)
        ways: dict[str, Callable[[], Any]] = {
            "one thread": lambda: list(map(perform, tasks)),
            f"{jobs} threads": lambda: list(threads.map(perform, tasks)),
            f"{jobs} processes": lambda: list(processes.results(tasks)),
        }
        paces: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(_ROUNDS + 1):
            for way, run in ways.items():
                began = time.perf_counter()
                run()
                # the first round compiles and imports
                if number:
                    paces[way].append(60 * len(tasks) / (time.perf_counter() - began))
    return {way: median(each) for way, each in paces.items()}


def _task(number: int, engine: str, scale: float) -> TrialTask:
    width = _WIDTHS[number % len(_WIDTHS)]
    settings = {
        "dataset": "digits",
        "layers": [
            "flatten",
            {"component": "rescale", "scale": scale},
            {"component": "dense", "units": width, "activation": "relu"},
            {"component": "dense", "units": 10},
        ],
        "cost": "cross-entropy",
        "optimizer": "adam",
        "metrics": ["accuracy"],
        "training": {"epochs": _EPOCHS, "batch_size": 32, "engine": engine},
    }
    return TrialTask(number=number, seed=number, settings=settings, name="pace", measure="validation_accuracy")
