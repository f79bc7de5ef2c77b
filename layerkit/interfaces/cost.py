"""The cost contract: what a prediction costs, and which way it would cost less."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from layerkit.errors import ShapeError
from layerkit.interfaces.configurable import Configurable
from layerkit.types import Array, TargetForm

if TYPE_CHECKING:
    from layerkit.interfaces.activation import Activation
    from layerkit.interfaces.context import Context


class Cost(Configurable, ABC):
    """One cost for each example, and its gradient. Means, sums and weights belong to the trainer."""

    target_form: ClassVar[TargetForm] = "dense"
    """What ``target`` is: ``"dense"``, floating and shaped like the prediction, or ``"labels"``, integers shaped like
    the prediction without its last axis. Integer labels are turned into one-hot rows for a cost that wants dense."""

    of_classes: ClassVar[bool] = False
    """Whether targets say to which class an example belongs: then integers ``(n,)`` are labels, 0 or 1, also for a
    network with one output. A cost that wants labels is one of classes anyway."""

    recordable: ClassVar[bool] = False
    """Whether both passes are, for one shape of input, always the same NumPy operations on memory from ``ctx.scratch``,
    with no random draw, no number that Python reads off an array (a parameter, too) and no array whose length depends
    on numbers: then an engine may record them and repeat the operations alone. The ``numpy`` engine compares the first
    repetitions with the passes themselves, and leaves it to these where something was read all the same."""

    minimum: ClassVar[float | None] = None
    """The lowest cost of an example, reached where the prediction equals a dense target; None: not declared."""

    @property
    def outputs_per_target(self) -> int:
        """How many outputs, one after another on the last axis, answer each number of a target: several quantiles, say.

        A person gives each number once; ``forward`` and ``backward`` see it as often as there are outputs for it.
        """
        return 1

    @abstractmethod
    def forward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        """The cost of each example, ``(batch,)``.

        Raises:
            ShapeError: prediction and target do not fit: nothing is broadcast.
        """

    @abstractmethod
    def backward(self, prediction: Array, target: Array, ctx: Context) -> Array:
        """The gradient of each example's cost, shaped like ``prediction``, unscaled; called after ``forward``."""

    def check_target(self, target: Array, ctx: Context) -> None:
        """Refuse targets that have the right shape, and values without a meaning for this cost; by default, none.

        Called before the first step with all targets where they are in memory, else batch by batch. ``target`` is as
        the user gave it, in the form that the cost declares; labels that become one-hot rows are not asked about.

        Raises:
            DataError: the message names the row, what is there and what is wanted.
        """

    def readout(self) -> Activation | None:
        """What turns the model's output into a prediction for people (softmax, for a cost on logits), or None."""
        return None

    def require_same_shape(self, prediction: Array, target: Array) -> None:
        """For authors: refuse what NumPy would broadcast."""
        if prediction.shape != target.shape:
            raise ShapeError(
                f"{type(self).__name__}: prediction {prediction.shape} and target {target.shape} must have one shape; "
                "reshape the target"
            )
