"""How far a training has come, besides the values of its model."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self, final

from layerkit.errors import ArgumentError
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.job import Progress
from layerkit.interfaces.update_context import UpdateContext
from layerkit.models.model import Model
from layerkit.random_streams import RandomStreams
from layerkit.steps.adaptation import unlearned
from layerkit.steps.target_scale import restored_readout
from layerkit.training.history import History
from layerkit.training.model_state import model_state, restore_model
from layerkit.training.resumption import tell_order
from layerkit.types import DType

if TYPE_CHECKING:
    from layerkit.training.fit import Fit


@final
class Standing:
    """What a trainer of the same parts needs, with the model's values, to go on to the same bits."""

    def __init__(self, seed: int, dtype: DType, transforms: int) -> None:
        self.history = History()
        """All epochs so far, over all fits."""
        self.streams = RandomStreams(seed)
        self.position = Progress()
        self.contexts = self._new_contexts(transforms, dtype)
        """What the optimizer keeps from step to step, and, in order, each transform."""
        self.resumed: dict[str, Any] | None = None
        """What identifies the fit that was under way in the state that was taken over, until one goes on with it."""
        self.frozen_before: Sequence[str] = ()
        """The layers that were frozen when that state was taken over, before its own were."""
        self.callback_states: Sequence[dict[str, Any]] = ()
        self.passed_over: Collection[str] | None = None
        """What the run that was broken off, and goes on with the next fit, has passed over: see ``Fit``."""

    def _new_contexts(self, transforms: int, dtype: DType) -> tuple[UpdateContext, ...]:
        purposes = ["optimizer", *(f"transform {place}" for place in range(transforms))]
        return tuple(UpdateContext((), dtype, rng=self.streams.generator(purpose)) for purpose in purposes)

    def begin_with(self, transforms: int, dtype: DType) -> None:
        """Have memory for so many transforms, other ones than before.

        Raises:
            ArgumentError: there were steps already, so those before have memory that others cannot go on with.
        """
        if self.position.step:
            raise ArgumentError(
                "Trainer.transforms: training has begun, and other transforms cannot go on with what these remember: "
                "make another Trainer(model, cost=…, optimizer=…, transforms=[…]), which goes on from the model's "
                "values, or change what they have, such as trainer.transforms[0].rate"
            )
        self.contexts = self._new_contexts(transforms, dtype)

    def state(self, model: Model, fit: Fit | None) -> dict[str, Any]:
        """What ``restore`` takes, the model's part too: arrays (copies) and JSON-safe values; ``fit``: under way."""
        passed_over = self.passed_over if fit is None else fit.passed_over
        return {
            **model_state(model),
            "updates": [context.memory() for context in self.contexts],
            "streams": self.streams.state(),
            "position": self.position.state(),
            "history": [dict(record) for record in self.history.records],
            "callbacks": [] if fit is None else [_remembered(callback) for callback in fit.callbacks],
            "fit": None if fit is None else {**fit.given, "ended": fit.ended, "frozen": fit.frozen},
            "passed_over": None if passed_over is None else sorted(passed_over),
        }

    def restore(self, state: dict[str, Any], model: Model, cost: Cost) -> None:
        """Take over a state that was checked, the model's part too."""
        self.frozen_before = restore_model(model, state)
        for context, memory in zip(self.contexts, state["updates"], strict=True):
            context.restore(memory)
        slices = model.structure.slices()
        tell_order([place[0] for place in state["updates"][0]["slices"]], [each.path for each in slices])
        model.readout = restored_readout(state) or cost.readout()
        self.streams.restore(state["streams"])
        self.position.restore(state["position"])
        self.history.records[:] = [dict(record) for record in state["history"]]
        self.callback_states = list(state["callbacks"])
        self.resumed = state["fit"]
        # files of before do not tell: a run that had begun then had learned all that it was to
        begun = state["fit"] is not None or self.position.batch
        self.passed_over = state.get("passed_over", unlearned(model) if begun else None)

    def copied(self, model: Model) -> Self:
        """A copy that has the model in common."""
        return deepcopy(self, {id(model): model})


def _remembered(callback: Callback) -> dict[str, Any]:
    """A copy of what a callback remembers.

    Raises:
        ArgumentError: it is nested too deep to be copied.
    """
    try:
        return deepcopy(callback.state())
    except RecursionError:
        name = type(callback).__name__
        raise ArgumentError(
            f"{name}: what {name}.state() gives cannot be written to a checkpoint: it is nested too deep"
        ) from None
