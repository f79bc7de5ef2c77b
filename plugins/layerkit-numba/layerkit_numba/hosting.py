"""Components that have no kernel, run by their own methods between compiled pieces of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

import numpy as np

from layerkit import Context
from layerkit.engines import Job, Pass
from layerkit.types import Array
from layerkit_numba.failures import raise_failure
from layerkit_numba.meeting import open_meeting
from layerkit_numba.operands import INTEGERS, NUMBERS, Value
from layerkit_numba.tables import Registers, Stretch, Walk
from layerkit_numba.walking import SKIP, STOP
from layerkit_numba.wrapping import FAILED
from layerkit_numba.writer import AnyHostCall, CostCall, HostCall, UpdateCall


@final
class Hosts:
    """What components do by their own methods for batches of ``n`` rows, in the program's ``arrays``."""

    def __init__(self, job: Job, arrays: Mapping[str, Any], registers: Registers, n: int) -> None:
        structure = job.model.structure
        self._job, self._registers = job, registers
        self._arrays, self._n, self._dtype = arrays, n, structure.dtype
        self._tree = Pass(structure, structure.node, job.streams, training=True, gradient=structure.gradient)

    def bound(self, call: AnyHostCall) -> Callable[[], None]:
        """What makes a call."""
        if isinstance(call, CostCall):
            return self._cost(call)
        if isinstance(call, UpdateCall):
            return self._update(call)
        return self._pass(call)

    def _cost(self, call: CostCall) -> Callable[[], None]:
        cost, tree = self._job.cost, self._tree
        context = Context("cost", tree.shared, tree.scratch(), training=True)
        prediction, target = self._array(call.prediction), self._array(call.target)
        costs, gradient = self._array(call.costs), self._array(call.gradient)
        mask = None if call.mask is None else self._array(call.mask)

        def measure() -> None:
            tree.shared.mask = mask
            _fill([costs], cost.forward(prediction, target, context))
            _fill([gradient], cost.backward(prediction, target, context))

        return measure

    def _update(self, call: UpdateCall) -> Callable[[], None]:
        job, registers = self._job, self._registers
        structure, context = job.model.structure, job.contexts[call.number]
        component = (job.optimizer, *job.transforms)[call.number]
        method = getattr(component, call.method)
        vectors = [structure.parameters[: structure.trainable]]
        if call.method != "after":
            vectors.append(structure.gradient[: structure.trainable])
        step, rate = INTEGERS.index("step"), NUMBERS.index("rate")

        def update() -> None:
            context.step, context.learning_rate = int(registers.integers[step]), float(registers.numbers[rate])
            method(*vectors, context)

        return update

    def _pass(self, call: HostCall) -> Callable[[], None]:
        context = self._context(call.path)
        reads: tuple[Array, ...] = tuple(map(self._array, call.reads))
        given: Any = reads if len(reads) > 1 else reads[0]
        fills = [None if value is None else self._array(value) for value in call.fills]
        if call.backward:
            made = [(self._array(value), self._context(path).gradient(name)) for path, name, value in call.gradients]

            def backward() -> None:
                _fill(fills, context.backward(given))
                for target, gradient in made:
                    np.copyto(target, gradient)

            return backward
        mask = None if call.mask is None else self._array(call.mask)
        states = [(self._array(state), self._array(new)) for state, new in call.states]
        shared, n = self._tree.shared, float(self._n)
        places = {_place(state): new for state, new in states}

        def forward() -> None:
            shared.mask, shared.rows = mask, n
            shared.proposals.clear()
            for state, new in states:
                np.copyto(new, state)
            _fill(fills, context.forward(given))
            for state, value, _ in shared.proposals:
                np.copyto(places[_place(state)], value)

        return forward

    def _context(self, path: str) -> Context:
        context = self._tree.context
        for name in path.split(".") if path else ():
            context = context.part(name)
        return context

    def _array(self, value: Value) -> Array:
        dtype = np.dtype(value.dtype or self._dtype)
        shape = ((self._n * value.rows,) if value.per_example else ()) + value.shape
        memory: Array = self._arrays[value.memory]
        size = math.prod(shape) * dtype.itemsize // memory.itemsize
        return memory[value.start : value.start + size].view(dtype).reshape(shape)


@final
class Mix:
    """A batch in pieces, in one thread: compiled ones, and calls of ``hosts`` between them."""

    def __init__(self, pieces: Sequence[Walk | Callable[[], None]], hosts: Hosts, shared: Array) -> None:
        # the contexts last as long as their tree
        self._hosts, self._shared = hosts, shared
        self._pieces = tuple(pieces)
        self._walks = [each for each in pieces if isinstance(each, Walk)]

    def run(self, stretch: Stretch) -> bool:
        """Run some batches: whether all numbers were finite.

        Raises:
            Exception: what a layer, or a compiled function, raised.
        """
        open_meeting(self._shared)
        for walk in self._walks:
            walk.tell(stretch)
        for batch in range(stretch.piece.begin, stretch.piece.end):
            for piece in self._pieces:
                if not isinstance(piece, Walk):
                    piece()
                    continue
                code = piece.run_one(batch)
                if code == STOP:
                    return False
                if code == SKIP:
                    break
                if code == FAILED:
                    raise_failure(piece.failure)
        return True


def _fill(targets: Sequence[Array | None], given: Any) -> None:
    # no input gradient is wanted where a layer gives none
    values = (None,) * len(targets) if given is None else given if isinstance(given, tuple) else (given,)
    if len(targets) != len(values):
        raise ValueError(f"the layer gives {len(values)} arrays, not {len(targets)}")
    for target, value in zip(targets, values, strict=True):
        if target is None:
            continue
        if value is None:
            target[...] = 0
        elif value.shape == target.shape:
            np.copyto(target, value, casting="same_kind")
        else:
            raise ValueError(f"the layer gives an array of shape {value.shape}, not {target.shape}")


def _place(array: Array) -> int:
    place: int = array.__array_interface__["data"][0]
    return place
