"""One layer, forward and backward, under each of layerkit's engines, and a row of a table of such times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import TypeAlias, final

import numpy as np
from layerkit_numba.occurrences import Kind, Planner, trained_layers
from layerkit_numba.passes import Passes
from layerkit_numba.testing.subject import Stage
from layerkit_numba.writer import Writer

from benchmarks.peak import gigaflops
from layerkit import Layer, Sequential
from layerkit.engines import Pass, RandomStreams
from layerkit.memory import aligned
from layerkit.types import Array

Run: TypeAlias = Callable[[], object]
Contender: TypeAlias = tuple[Run, Callable[[], Array]]
"""What makes both passes once, and what gives the gradient of the parameters that they left."""

_TOLERANCE = 1e-4


@final
class LayerPasses:
    """A layer with a batch and the gradient of its output, all drawn, in float32."""

    def __init__(self, layer: Layer, shape: tuple[int, ...], batch: int, *, needs_input_gradient: bool = True) -> None:
        rng = np.random.default_rng(0)
        self.model = Sequential([layer]).initialize(shape, seed=1)
        self.x: Array = rng.normal(size=(batch, *shape)).astype(np.float32)
        self.delta: Array = rng.normal(size=(batch, *self.model.output_shape)).astype(np.float32)
        self._wanted = needs_input_gradient

    def compiled(self) -> Contender:
        """The passes under layerkit-numba."""
        structure = self.model.structure
        node = structure.node.parts["0"]
        tree, gradient = self._pass()
        batch, *shape = self.x.shape
        planner = Planner(structure.dtype, batch, trained_layers(structure.entries), steps=0)
        place = planner.plan(node, tree.context, (Kind(tuple(shape)),))
        writer = Writer(batch)
        x = writer.allocate("x", tuple(shape))
        passes = Passes(writer, structure)
        passes.forward(place, (x,), kept=True)
        delta = writer.allocate("dy", self.delta.shape[1:])
        passes.backward(place, (delta,), kept=True)
        memory = aligned((writer.memory_size,), structure.dtype, zero=True)
        for value, array in ((x, self.x), (delta, self.delta)):
            memory[value.start : value.start + array.size] = array.ravel()
        arrays = {
            "parameters": structure.parameters,
            "gradients": gradient,
            "memory": memory,
            "room": aligned((writer.room_size,), np.dtype(np.uint8), zero=True),
            "scratch": aligned((writer.scratch_size,), structure.dtype, zero=True),
            "columns": np.zeros(1, np.int64),
            "lines": np.zeros(1, np.int64),
            "source": self.x.reshape(batch, -1),
        }
        return Stage(writer.instructions, structure.dtype).bound(arrays, batch), lambda: gradient

    def numpy(self) -> Contender:
        """The layer's own passes."""
        tree, gradient = self._pass()

        def run() -> None:
            tree.forward(self.x, float(len(self.x)), None)
            tree.backward(self.delta)

        return run, lambda: gradient

    def _pass(self) -> tuple[Pass, Array]:
        structure = self.model.structure
        gradient = np.zeros_like(structure.parameters)
        node = structure.node.parts["0"]
        wanted = self._wanted
        return Pass(
            structure, node, RandomStreams(0), training=True, gradient=gradient, needs_input_gradient=wanted
        ), gradient


def pass_times(name: str, made: Mapping[str, Contender], rounds: int) -> dict[str, list[float]]:
    """The seconds of both passes, by contender, in turns; and the peak in GFLOP/s.

    Raises:
        SystemExit: a contender's gradients are not those of the contender ``numpy``.
    """
    for run, _ in made.values():
        run()
    wanted = made["numpy"][1]().copy()
    for contender, (_, left) in made.items():
        if np.abs(left() - wanted).max() > _TOLERANCE * np.abs(wanted).max():
            raise SystemExit(f"{name}: the gradients of {contender} are not those of numpy")
    times: dict[str, list[float]] = {contender: [] for contender in (*made, "peak")}
    for _ in range(rounds):
        times["peak"].append(gigaflops())
        for contender, (run, _) in made.items():
            times[contender].append(timed(run))
    return times


def timed(run: Run) -> float:
    """The processor's seconds for a call."""
    started = time.process_time()
    run()
    return time.process_time() - started


HEAD = """| milliseconds | compiled | numpy | PyTorch | of PyTorch's | GFLOP/s | of the peak |
|---|---|---|---|---|---|---|"""


def row(name: str, times: Mapping[str, list[float]], own: str, operations: int = 0) -> str:
    """A row under ``HEAD``: medians, the ratio to the fastest way of PyTorch, and the share of the peak."""
    found = {key: statistics.median(values) for key, values in times.items()}
    peak = found.pop("peak", 0.0)
    torch = min((value for key, value in found.items() if key.startswith("torch")), default=0.0)
    others = [key for key in found if key != own and not key.startswith("torch")]
    shown = [name, f"{1e3 * found[own]:.2f}", *(f"{1e3 * found[key]:.2f}" for key in others)]
    shown += [f"{1e3 * torch:.2f}", f"{found[own] / torch:.2f}"] if torch else ["absent", ""]
    rate = operations / found[own] / 1e9
    return " | ".join([*shown, *([f"{rate:.0f}", f"{rate / peak:.0%}"] if operations else ["", ""])])
