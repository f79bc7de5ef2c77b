"""The floor of the processor: C written for one network, compiled for this machine, run as a process of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import final

import numpy as np

from benchmarks.contender import Contender, Problem, RefusedError
from benchmarks.contenders.c_layout import Processor
from benchmarks.contenders.c_source import Source
from benchmarks.data import Array
from benchmarks.reference import Parameters

_PROGRAM = Path(__file__).with_name("c_floor.c")
_OPTIONS = ("-std=gnu11", "-O3", "-march=native")  # and not -ffast-math, which would let it compute something else


@final
class CFloor(Contender):
    """One thread; the parameters never leave the program's own layout, and each gradient is added where it arises."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        if problem.threads != 1:
            raise RefusedError("it is written for one thread")
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            raise RefusedError("there is no C compiler (cc, gcc or clang)")
        with tempfile.TemporaryDirectory() as folder:
            program = _compile(compiler, problem, Path(folder))
            initial = Path(folder) / "parameters.f32"
            np.concatenate([value.ravel() for layer in problem.initial for value in layer]).tofile(initial)
            files = [problem.folder / "x_train.f32", problem.folder / "y_train.f32", initial]
            self._process = subprocess.Popen([program, *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            weakref.finalize(self, _end, self._process)
            self.parameters()  # then it has read the files

    def train(self, rows: Array) -> float:
        return self._train(rows)[0]

    def step_seconds(self, shuffled: Callable[[int], Array], steps: int) -> float:
        started = time.perf_counter()
        rows = shuffled(steps)
        drawn = time.perf_counter() - started
        return (drawn + self._train(rows)[1]) / steps

    def parameters(self) -> Parameters:
        shapes = [value.shape for layer in self.problem.initial for value in layer]
        counts = [int(np.prod(shape)) for shape in shapes]
        flat = np.frombuffer(self._ask(np.zeros(1), bytes_wanted=4 * sum(counts)), np.float32)
        values = [part.reshape(shape) for part, shape in zip(np.split(flat, np.cumsum(counts)), shapes, strict=False)]
        return list(zip(values[::2], values[1::2], strict=True))

    def _train(self, rows: Array) -> tuple[float, float]:
        cost, seconds = np.frombuffer(self._ask(np.append(len(rows), rows), bytes_wanted=16), np.float64)
        return float(cost), float(seconds)

    def _ask(self, request: Array, *, bytes_wanted: int) -> bytes:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request.astype(np.int32).tobytes())
        self._process.stdin.flush()
        answer = self._process.stdout.read(bytes_wanted)
        if len(answer) < bytes_wanted:
            raise RuntimeError(f"the C program ended with {self._process.wait()}")
        return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdin, process.stdout):
        assert stream is not None
        stream.close()
    process.wait()


def _compile(compiler: str, problem: Problem, folder: Path) -> Path:
    macros = subprocess.run(
        [compiler, "-march=native", "-dM", "-E", "-x", "c", "/dev/null"], capture_output=True, text=True, check=True
    ).stdout
    source = Source(problem.case, Processor.of(macros))
    (folder / "step.h").write_text(source.text(), encoding="ascii")
    defined = [f"-D{name}={value}" for name, value in source.macros().items()]
    program = folder / "floor"
    command = [compiler, *_OPTIONS, *defined, f"-I{folder}", str(_PROGRAM), "-o", str(program), "-lm"]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if built.returncode:
        raise RefusedError(f"the compiler refuses its source: {built.stderr.strip().splitlines()[-1]}")
    return program
