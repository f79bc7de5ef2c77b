"""An average of the weights over the last updates, which the model has wherever it is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np

from layerkit.arguments import check_boolean, check_number
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import UpdateContext
from layerkit.types import Array


@final
class ExponentialAverage(Transform):
    """After update t, φ ← d φ + (1 − d) θ: the optimizer moves θ, and the model has φ wherever it is used.

    φ begins as θ after the first update. Between two runs of steps of a fit, some 50 ms, the model's parameters are φ:
    for validation and callbacks, and after the fit for ``predict``, ``save`` and whatever else. When steps are made
    again, in the same fit, another one or a resumed one, they go on from θ, to the same bits. A checkpoint holds both:
    φ as the model, which ``layerkit.load`` gives, and θ in what this transform remembers.

    Untrained states, such as the running means of batch normalisation, are not averaged: they are those of θ's passes.
    A parameter whose values are changed between two runs of steps (by hand, or the best ones of ``EarlyStopping``), or
    that was frozen until then, is trained on from what it is then, and averaged from there on. What comes after this in
    the list of transforms changes θ behind its back, so it stands last: behind ``Lookahead``, whose slow weights are
    averaged then, and ``MaxNorm``.

    Args:
        decay: d, at least 0 and below 1. The average is one over some 1 / (1 − d) updates.
        warm_up: whether d is (1 + t) / (10 + t) as long as that is less, at a parameter's t-th update, so that a short
            run is not held back by its first values, nor what is thawed late by those that it has then.

    Raises:
        ArgumentError: an argument is out of range; a trainer is given two of these.

    Source: Polyak and Juditsky, *Acceleration of stochastic approximation by averaging*, 1992; as PyTorch's
    ``get_ema_multi_avg_fn``.

    >>> import numpy as np
    >>> from layerkit import Dense, ExponentialAverage, GradientDescent, Quadratic, Sequential, Trainer
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(200, 1))
    >>> y = 2 * x + rng.normal(size=(200, 1))
    >>> model, average = Sequential([Dense(1)]), ExponentialAverage(decay=0.99)
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(0.1), transforms=[average], seed=0)
    >>> history = trainer.fit((x, y), epochs=20, batch_size=2)
    >>> bool(abs(model.predict([[1.0]])[0, 0] - 2) < 0.2)
    True
    """

    minima: ClassVar[Mapping[str, float]] = {"begun": 0, "count": 0, "inside": 0}

    def __init__(self, *, decay: float = 0.999, warm_up: bool = False) -> None:
        check_number(self, "decay", decay, minimum=0, below=1)
        check_boolean(self, "warm_up", warm_up)
        self.decay = decay
        self.warm_up = warm_up

    def enter(self, parameters: Array, ctx: UpdateContext) -> None:
        inside = ctx.numbers("inside", 1)
        if inside[0]:
            # the state of a run of steps that was under way was restored
            return
        trained, average, begun = ctx.state("trained"), ctx.state("average"), ctx.state("begun")
        for each in ctx.slices:
            own = slice(each.start, each.stop)
            if not begun[own].all() or not np.array_equal(parameters[own], average[own]):
                begun[own], trained[own] = 0, parameters[own]
        np.copyto(parameters, trained)
        inside[0] = 1

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        average, begun, counts = ctx.state("average"), ctx.state("begun"), ctx.slice_numbers("count")
        counts += 1
        for place, blocks in ctx.blocks_by(counts, parameters, average, work=1):
            count = counts[place.start]
            decay = min(self.decay, (1 + count) / (10 + count)) if self.warm_up else self.decay
            share = ctx.scratch.scalar("share", 1 - decay)
            for now, mean, work in blocks:
                np.subtract(now, mean, out=work)
                np.multiply(work, share, out=work)
                np.add(mean, work, out=mean)
        if not begun.all():
            np.copyto(average, parameters, where=begun == 0)
            begun.fill(1)

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        inside = ctx.numbers("inside", 1)
        if not inside[0]:
            return
        np.copyto(ctx.state("trained"), parameters)
        # what no update has reached is as it was
        np.copyto(parameters, ctx.state("average"), where=ctx.state("begun") != 0)
        inside[0] = 0
