"""Components that do something to the process, or to the machine, when they are made or used."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from pathlib import Path

import numpy as np

from layerkit import Context, Initializer, Metric, Schedule
from layerkit.errors import ShapeError
from layerkit.types import Array, DType
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Drop, Momentum, Scale, Squares

PLACE = Path(tempfile.gettempdir()) / "layerkit-gallery-of-side-effects.txt"


class OpensASocket(Scale):
    """A socket is opened for messages."""

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


class ResolvesAName(Squares):
    """A host is looked up."""

    def __init__(self) -> None:
        with contextlib.suppress(OSError):
            socket.getaddrinfo("localhost", 80)


class WritesAFile(Scale):
    """A file is written, and removed again."""

    def __init__(self) -> None:
        PLACE.write_text("made")
        PLACE.unlink()


class ReadsAFile(Drop):
    """A file of the machine is read."""

    def __init__(self) -> None:
        super().__init__(0.4)
        with contextlib.suppress(OSError):
            Path("/etc/hostname").read_text()


class StartsAThread(Momentum):
    """A thread is started that goes on."""

    def __init__(self, learning_rate: float = 0.1) -> None:
        super().__init__(learning_rate)
        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()


class StartsAProcess(Scale):
    """A program is run."""

    def __init__(self) -> None:
        subprocess.run(["true"], check=True)


class SetsTheEnvironment(Scale):
    """The number of threads of a library is set for the process."""

    def __init__(self) -> None:
        os.environ["LAYERKIT_GALLERY_THREADS"] = str(time.perf_counter_ns())


class FiltersWarnings(Scale):
    """Warnings are switched off, for everybody."""

    def __init__(self) -> None:
        warnings.filterwarnings("ignore", message="gallery")


class SwitchesErrorsOff(Scale):
    """NumPy's warnings of overflows are switched off, for everybody."""

    def forward(self, x: Array, ctx: Context) -> Array:
        np.seterr(over="raise")
        return super().forward(x, ctx)


class AddsAPath(Squares):
    """The path of imports grows."""

    def __init__(self) -> None:
        sys.path.append("/nowhere")


class AddsAHandler(Metric):
    """The mean, with a log that everybody's messages go to."""

    name = "mean"

    def __init__(self) -> None:
        logging.getLogger().addHandler(logging.NullHandler())

    def start(self) -> Array:
        return np.zeros(2)

    def update(self, totals: Array, prediction: Array, target: Array, weights: Array | None, ctx: Context) -> None:
        if prediction.shape != target.shape:
            raise ShapeError(f"targets {target.shape} do not fit predictions {prediction.shape}")
        count = np.ones(len(prediction)) if weights is None else weights
        means = prediction.reshape(len(prediction), -1).mean(axis=1)
        totals += [float(count @ means), float(count.sum())]

    def merge(self, totals: Array, other: Array) -> None:
        totals += other

    def result(self, totals: Array) -> float:
        return float(totals[0] / totals[1]) if totals[1] else float("nan")


class ChangesTheFolder(Initializer):
    """Ones, made in another folder."""

    def __init__(self) -> None:
        os.chdir(Path.cwd().parent if Path.cwd() != Path("/") else "/tmp")

    def initialize(
        self, shape: tuple[int, ...], rng: np.random.Generator, dtype: DType, fan_in: int, fan_out: int
    ) -> Array:
        return np.ones(shape, dtype)


class CatchesSignals(Schedule):
    """The rate 1, with a hand on the signals."""

    def __init__(self) -> None:
        signal.signal(signal.SIGUSR1, lambda number, frame: None)

    def rate(self, step: int, ctx: object) -> float:
        return 1.0


class PrintsItself(Scale):
    """Says that it was made."""

    def __init__(self) -> None:
        print("a scale")


class SetsPrinting(Scale):
    """Shows fewer digits, for everybody."""

    def forward(self, x: Array, ctx: Context) -> Array:
        np.set_printoptions(precision=3)
        return super().forward(x, ctx)


BUGS = [
    Bug(OpensASocket, "made-without-side-effects", "socket"),
    Bug(ResolvesAName, "made-without-side-effects", "localhost"),
    Bug(WritesAFile, "made-without-side-effects", PLACE.name),
    Bug(ReadsAFile, "made-without-side-effects", "hostname"),
    Bug(StartsAThread, "made-without-side-effects", "thread"),
    Bug(StartsAProcess, "made-without-side-effects", "process"),
    Bug(SetsTheEnvironment, "made-without-side-effects", "LAYERKIT_GALLERY_THREADS"),
    Bug(FiltersWarnings, "made-without-side-effects", "warnings"),
    Bug(SwitchesErrorsOff, "used-without-side-effects", "np.errstate"),
    Bug(AddsAPath, "made-without-side-effects", "sys.path"),
    Bug(AddsAHandler, "made-without-side-effects", "logging"),
    Bug(ChangesTheFolder, "made-without-side-effects", "folder"),
    Bug(CatchesSignals, "made-without-side-effects", "SIGUSR1"),
    Bug(PrintsItself, "made-without-side-effects", "prints"),
    Bug(SetsPrinting, "used-without-side-effects", "print options"),
]
