"""The optimizer contract: how a gradient moves the parameters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from layerkit.familiar_members import OF_OPTIMIZERS
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.schedule import Schedule
    from layerkit.interfaces.update_context import UpdateContext


class Optimizer(Configurable, ABC):
    """Moves a flat vector of parameters by a flat gradient. Its memory lives on the context, by name.

    The argument ``learning_rate``, a number or a Schedule, is every optimizer's; the trainer applies the schedule.
    """

    _instead = OF_OPTIMIZERS

    learning_rate: float | Schedule

    needs_evaluate: ClassVar[bool] = False
    """Whether ``ctx.evaluate()`` is called: the batch's mean cost and gradient at the parameters as they are."""

    keeps_non_finite: ClassVar[bool] = False
    """Whether a gradient with NaN or infinity leaves such values in the parameters or the context's memory.

    Then an engine may look for them now and then and go back, instead of looking at every gradient."""

    bounded_steps: ClassVar[bool] = False
    """Whether the learning rate alone says how far a step may move a parameter, however large the gradient is, as with
    Adam. Then what a fit cannot reach is told before it begins."""

    minima: ClassVar[Mapping[str, float]] = {}
    """Below which number what ``ctx.state``, ``numbers`` or ``slice_numbers`` keeps never falls, by name: a state that
    does is refused when a trainer is to take it over."""

    def check_memory(self, flat: Mapping[str, Array], numbers: Mapping[str, Array]) -> None:
        """Refuse, of a state that is to be taken over, what ``ctx.state`` and ``ctx.numbers`` never hold, by name.

        Shapes, dtypes and ``minima`` are checked before. ``numbers`` has what ``ctx.slice_numbers`` keeps, too.

        Raises:
            ArgumentError: it cannot have come of training, and would lead to anything.
        """

    @abstractmethod
    def update(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        """Move ``parameters``, ``(n,)``, in place; ``gradient``, ``(n,)``, is the batch's mean and stays as it is."""
