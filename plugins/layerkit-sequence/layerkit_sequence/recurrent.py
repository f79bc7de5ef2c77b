"""What the recurrent layers share: projections in one product, steps of time, masks, and the way back through time."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, final

import numpy as np

from layerkit import Context, Glorot, Initializer, Layer, Orthogonal, Zeros
from layerkit.arguments import check_boolean, check_instance, check_integer
from layerkit.types import Array, Shape
from layerkit_sequence.masks import features_of, time_mask
from layerkit_sequence.unrolled import Unrolled


class Recurrent(Layer):
    """A layer whose cell makes a new state from each step's input and the state before; states begin as zeros.

    Shapes: x ``(batch, time, features)``; ``weight`` W ``(features, gates · units)``; ``recurrent_weight`` U
    ``(units, gates · units)``; ``bias`` b ``(gates · units)``; y ``(batch, time, units)``, or ``(batch, units)``: the
    state after the last step.

    All steps' x W + b are one product, and so are ∂W, ∂U and ∂x, once the way back through time has left ∂(x W + b) of
    every step. A step that the mask leaves out carries the state over, and its output is zeros: so the state after the
    last step is that of the last step that counts, and what stands in the padding has no influence.

    A cell is written as ``lay_out``, ``step``, ``prepare_back`` and ``step_back``.
    """

    gates: ClassVar[int]
    """How many vectors of ``units`` numbers a step's input is projected to."""

    memory: ClassVar[int] = 1
    """How many vectors of ``units`` numbers the state holds; the first is the output."""

    weight: Array
    recurrent_weight: Array
    bias: Array

    def __init__(
        self,
        units: int,
        *,
        return_sequences: bool = True,
        reverse: bool = False,
        initializer: Initializer | None = None,
        recurrent_initializer: Initializer | None = None,
    ) -> None:
        check_integer(self, "units", units, minimum=1)
        check_boolean(self, "return_sequences", return_sequences)
        check_boolean(self, "reverse", reverse)
        check_instance(self, "initializer", initializer, Initializer, optional=True)
        check_instance(self, "recurrent_initializer", recurrent_initializer, Initializer, optional=True)
        self.units = units
        self.return_sequences = return_sequences
        self.reverse = reverse
        self.initializer = initializer
        self.recurrent_initializer = recurrent_initializer

    @final
    def build(self, input_shape: Shape) -> Shape:
        features, units = features_of(self, input_shape), self.units
        width = self.gates * units
        self.parameter("weight", (features, width), self.initializer or Glorot(), fan_in=features, fan_out=units)
        recurrent = self.recurrent_initializer or Orthogonal()
        self.parameter("recurrent_weight", (units, width), recurrent, fan_in=units, fan_out=units)
        self.parameter("bias", (width,), self.first_bias(), fan_in=features, fan_out=units, tags=("bias",))
        self.declare()
        return (input_shape[0], units) if self.return_sequences else (units,)

    def first_bias(self) -> Initializer:
        """What draws b."""
        return Zeros()

    def declare(self) -> None:
        """Declare further parameters and parts."""

    @abstractmethod
    def lay_out(self, run: Unrolled, ctx: Context) -> None:
        """Make ``run.cell``, and ``run.steps``: for each step the views that ``step`` and ``step_back`` work on."""

    @abstractmethod
    def step(self, run: Unrolled, place: int) -> None:
        """Write ``run.after[place]``, from ``run.before[place]`` and the projected input."""

    @abstractmethod
    def prepare_back(self, run: Unrolled) -> None:
        """Compute for all steps at once what the way back needs of each."""

    @abstractmethod
    def step_back(self, run: Unrolled, place: int) -> None:
        """Turn ``run.drift`` from ∂(state after) into ∂(state before), and write ``run.projected_gradient[place]``.

        Both are linear in ``run.drift``.
        """

    def finish(self, run: Unrolled, ctx: Context) -> None:
        """Write the gradients of ``recurrent_weight`` and of the cell's own parameters."""
        gradient = run.rows(run.projected_gradient)
        run.rows(run.earlier[..., : self.units]).T.dot(gradient, ctx.gradient("recurrent_weight"))

    @final
    def forward(self, x: Array, ctx: Context) -> Array:
        weight = self.weight
        mask = time_mask(x, ctx)
        run = self._run(x, ctx)
        # a recurrent layer's output already lies in the order of time
        inputs = x.transpose(1, 0, 2)
        if not inputs.flags.c_contiguous:
            run.time_major[...] = inputs
            inputs = run.time_major
        run.inputs = inputs
        projected = run.rows(run.projected)
        run.rows(inputs).dot(weight, projected)
        np.add(projected, self.bias, projected)
        run.first[...] = 0.0
        run.counts = None if mask is None else mask.T[:, :, None]
        run.idle = None if mask is None else ~mask.T[:, :, None]
        for place in run.order:
            self.step(run, place)
            if run.idle is not None:
                np.copyto(run.after[place], run.before[place], where=run.idle[place])
        if not self.return_sequences:
            return run.after[run.order[-1]][:, : self.units] if run.time else run.first[:, : self.units]
        outputs = run.later[..., : self.units]
        if run.counts is not None:
            outputs = np.multiply(outputs, run.counts, out=ctx.scratch("y", outputs.shape))
        return outputs.transpose(1, 0, 2)

    @final
    def backward(self, grad: Array, ctx: Context) -> Array | None:
        run: Unrolled = ctx.saved.run
        drift, idle = run.drift, run.idle
        output_drift = drift[:, : self.units]
        drift[...] = 0.0
        if not self.return_sequences:
            output_drift[...] = grad
        self.prepare_back(run)
        for place in reversed(run.order):
            if idle is None or run.counts is None:
                if self.return_sequences:
                    np.add(output_drift, grad[:, place], output_drift)
                self.step_back(run, place)
                continue
            if self.return_sequences:
                np.add(output_drift, grad[:, place], output_drift, where=run.counts[place])
            # an idle step leaves the state as it was: the gradient goes past the cell, which sees zeros
            past = ctx.scratch("past", drift.shape)
            past[...] = drift
            np.copyto(drift, 0.0, where=idle[place])
            self.step_back(run, place)
            np.copyto(drift, past, where=idle[place])
        gradient = run.rows(run.projected_gradient)
        self.finish(run, ctx)
        run.rows(run.inputs).T.dot(gradient, ctx.gradient("weight"))
        ctx.scratch.ones(gradient.shape[0]).dot(gradient, ctx.gradient("bias"))
        if not ctx.needs_input_gradient:
            return None
        below = ctx.scratch("gradient", run.inputs.shape)
        gradient.dot(self.weight.T, run.rows(below))
        return below.transpose(1, 0, 2)

    def _run(self, x: Array, ctx: Context) -> Unrolled:
        """The memory for this shape of batch: in a training loop, that of the step before."""
        run: Unrolled | None = getattr(ctx.saved, "run", None)
        batch, time, features = x.shape
        if run is None or (run.batch, run.time) != (batch, time):
            run = ctx.saved.run = Unrolled(
                ctx,
                batch,
                time,
                features=features,
                units=self.units,
                gates=self.gates,
                memory=self.memory,
                reverse=self.reverse,
            )
            self.lay_out(run, ctx)
        return run
