"""The memory of a recurrent layer's pass over one shape of batch."""

from __future__ import annotations

from typing import Any, final

from layerkit import Context
from layerkit.types import Array


@final
class Unrolled:
    """Arrays for all steps of time, time first, so that what one step works on lies together.

    ``projected``: ``(time, batch, gates · units)``, what the inputs contribute at each step, and afterwards what the
    cell makes of it. ``states``: ``(time + 1, batch, memory · units)``: a state of zeros, and what each step leaves;
    run in reverse, the zeros stand at the end. ``earlier`` and ``later`` are its views ``(time, batch, …)`` of what
    each step is given and leaves, ``before[t]`` and ``after[t]`` those of step t. ``drift``: the gradient with respect
    to the state, on the way back. ``order``: the steps as they are run. ``counts`` and ``idle``: the mask and its
    opposite, ``(time, batch, 1)``, or None. ``cell`` and ``steps``: what the layer's cell keeps besides, for all steps
    and for each.
    """

    __slots__ = (
        "after",
        "batch",
        "before",
        "cell",
        "counts",
        "drift",
        "earlier",
        "first",
        "idle",
        "input_gradient",
        "inputs",
        "later",
        "order",
        "projected",
        "projected_gradient",
        "steps",
        "time",
        "time_major",
    )

    def __init__(
        self, ctx: Context, batch: int, time: int, *, features: int, units: int, gates: int, memory: int, reverse: bool
    ) -> None:
        scratch = ctx.scratch
        self.batch, self.time = batch, time
        self.time_major = scratch("inputs", (time, batch, features))
        self.inputs: Array = self.time_major
        self.projected = scratch("projected", (time, batch, gates * units))
        self.projected_gradient = scratch("projected gradient", (time, batch, gates * units))
        states = scratch("states", (time + 1, batch, memory * units))
        earlier, later = (states[1:], states[:-1]) if reverse else (states[:-1], states[1:])
        self.first = states[time] if reverse else states[0]
        self.earlier, self.later = earlier, later
        self.before, self.after = list(earlier), list(later)
        self.order = range(time - 1, -1, -1) if reverse else range(time)
        self.drift = scratch("state gradient", (batch, memory * units))
        self.counts: Array | None = None
        self.idle: Array | None = None
        self.cell: Any = None
        self.steps: list[Any] = []

    def rows(self, array: Array) -> Array:
        """All steps of ``(time, batch, width)`` as the rows of one matrix."""
        return array.reshape(self.time * self.batch, array.shape[-1])
