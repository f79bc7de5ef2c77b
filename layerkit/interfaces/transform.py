"""The transform contract: what acts around every update, whatever the optimizer."""

from __future__ import annotations

from abc import ABC
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array

if TYPE_CHECKING:
    from layerkit.interfaces.update_context import UpdateContext


class Transform(Configurable, ABC):
    """Changes the gradient before an update, or the parameters after it; a trainer has one ordered list of them."""

    minima: ClassVar[Mapping[str, float]] = {}
    """Below which number what ``ctx.state``, ``numbers`` or ``slice_numbers`` keeps never falls, by name: a state that
    does is refused when a trainer is to take it over."""

    def check_memory(self, flat: Mapping[str, Array], numbers: Mapping[str, Array]) -> None:
        """Refuse, of a state that is to be taken over, what ``ctx.state`` and ``ctx.numbers`` never hold, by name.

        Shapes, dtypes and ``minima`` are checked before. ``numbers`` has what ``ctx.slice_numbers`` keeps, too.

        Raises:
            ArgumentError: it cannot have come of training, and would lead to anything.
        """

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        """Change ``gradient``, ``(n,)``, in place; ``parameters`` are read-only here."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        """Change ``parameters``, ``(n,)``, in place, after the optimizer's update."""

    def enter(self, parameters: Array, ctx: UpdateContext) -> None:
        """Before a run of steps of a fit: turn ``parameters``, in place, from those that the model has into those that
        are trained. By default they are the same.

        One transform of a trainer may have ``enter`` and ``leave``. A fit calls both around some 50 ms of steps, and
        takes back what they did if the steps fail. A state may be restored that was taken in between.
        """

    def leave(self, parameters: Array, ctx: UpdateContext) -> None:
        """After a run of steps: turn ``parameters``, in place, into those that the model has for validation, callbacks
        and whoever uses it."""


def trains_others(transform: Transform) -> bool:
    """Whether by this transform the model has other parameters than those that are trained."""
    return type(transform).enter is not Transform.enter or type(transform).leave is not Transform.leave
