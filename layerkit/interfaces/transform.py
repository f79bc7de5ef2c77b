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
    """Below which number what ``ctx.state`` or ``ctx.numbers`` keeps never falls, by name: a state that does is refused
    when a trainer is to take it over."""

    def before(self, parameters: Array, gradient: Array, ctx: UpdateContext) -> None:
        """Change ``gradient``, ``(n,)``, in place; ``parameters`` are read-only here."""

    def after(self, parameters: Array, ctx: UpdateContext) -> None:
        """Change ``parameters``, ``(n,)``, in place, after the optimizer's update."""
