"""The callback contract: what watches a fit, and may stop it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from layerkit.calls import listed
from layerkit.errors import ArgumentError
from layerkit.familiar_members import HOOKS, OF_CALLBACKS
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.metric import require_measured

Outcome: TypeAlias = Literal["finished", "stopped", "interrupted", "failed"]
"""How a fit ended: all epochs done; by ``stop``; by ``stop`` with ``now``; by an exception, Ctrl-C among them."""


class FitView(Protocol):
    """What a callback sees of the fit under way, and may do: nothing else of a fit is promised.

    All counts are over all fits of the trainer, and those of epochs and steps say how many are done.
    """

    @property
    def model(self) -> Any:
        """The ``layerkit.Model`` that is being trained."""

    @property
    def trainer(self) -> Any:
        """The ``layerkit.Trainer``, whose ``history`` holds the epochs of all fits."""

    @property
    def history(self) -> Any:
        """The ``layerkit.History`` of this fit."""

    @property
    def callbacks(self) -> Sequence[Callback]:
        """Those that watch this fit, in the order in which they are called."""

    @property
    def epoch(self) -> int:
        """How many epochs are done."""

    @property
    def epochs(self) -> int:
        """The count of epochs at which this fit ends."""

    @property
    def step(self) -> int:
        """How many updates are done."""

    @property
    def batch(self) -> int:
        """How many batches of this epoch are done."""

    @property
    def batches_per_epoch(self) -> int | None:
        """How many batches an epoch has; None for a stream of unknown length."""

    @property
    def cost(self) -> float | None:
        """The weighted mean cost of this epoch's examples so far; None before the first."""

    @property
    def measures(self) -> Sequence[str]:
        """The names in the record of an epoch, but for what other callbacks may add to it."""

    @property
    def stop_reason(self) -> str | None:
        """Why a callback asked for the end, if one did."""

    @property
    def interrupted(self) -> bool:
        """Whether a callback asked for the end before the next step, in the middle of an epoch perhaps."""

    @property
    def outcome(self) -> Outcome | None:
        """How the fit has ended, for ``fit_ended``; None as long as it goes on."""

    def stop(self, reason: str, *, now: bool = False) -> None:
        """End the fit after this epoch, or before the next step if ``now``; the history keeps the reason.

        With ``now`` the fit is interrupted: it can be gone on with from inside the epoch, so everything stays as the
        last step left it, and nothing is restored. A limit after which the best weights are wanted ends after an epoch.
        """


class Callback(Configurable):
    """Given to ``Trainer.fit``; override what you need.

    ``fit.stop(reason)`` ends training after the current step or epoch; ``fit.model``, ``fit.trainer``, ``fit.history``,
    ``fit.epoch`` and ``fit.step`` say where it stands: see ``FitView``.
    """

    _instead = OF_CALLBACKS

    every_steps: int | None = None
    """Call ``steps_ended`` whenever the count of steps is a multiple of this."""

    changes_training: bool = True
    """Whether a run may end otherwise because of it: then a resumed fit tells of it where it is not as it was."""

    sets: ClassVar[tuple[str, ...]] = ()
    """What of the trainer it changes while it trains, and sets again in a fit that is resumed: paths such as
    ``"optimizer.learning_rate"``. That it differs when a run is resumed is then no news."""

    def fit_started(self, fit: FitView) -> None:
        """Before the first step."""

    def progress(self, fit: FitView) -> None:
        """Every 50 milliseconds or so, between two steps."""

    def steps_ended(self, fit: FitView) -> None:
        """After each ``every_steps`` steps."""

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        """After an epoch and its validation; ``record`` is the epoch's line in the history."""

    def fit_ended(self, fit: FitView) -> None:
        """After the last step, also when an error ends the fit."""

    def state(self) -> dict[str, Any]:
        """What the callback remembers, as nested dictionaries and lists of JSON-safe values and arrays: copies."""
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what ``state`` gave: copies of what it will write to, for who gave it may restore from it again."""


def require_hooks(callback: Callback) -> None:
    """Refuse, before the first step, a callback that would not be called as its author means it.

    Raises:
        ArgumentError: it has a hook by another framework's name, and not the one that is called here; or one that
            takes other arguments.
    """
    kind = type(callback)
    for hook, elsewhere in HOOKS.items():
        own, declared = getattr(kind, hook), getattr(Callback, hook)
        foreign = next((name for name in elsewhere if callable(getattr(kind, name, None))), None)
        wanted = list(inspect.signature(declared).parameters)[1:]
        if own is declared:
            if foreign is not None:
                raise ArgumentError(
                    f"{kind.__name__}.{foreign} is called by nobody here: write {hook}(self, {', '.join(wanted)}) in "
                    "its place"
                    + (", with every_steps = 1 in the class or the constructor" if hook == "steps_ended" else "")
                )
            continue
        try:
            signature = inspect.signature(getattr(callback, hook))
        except ValueError:  # written in another language, and tells nothing of itself
            continue
        try:
            signature.bind(*wanted)
        except TypeError:
            raise ArgumentError(
                f"{kind.__name__}.{hook} is called with ({', '.join(wanted)}), and takes "
                f"({listed(signature.parameters)}): write def {hook}(self, {', '.join(wanted)})"
            ) from None


def require_follows(callback: Callback, argument: str, name: str, fit: FitView) -> None:
    """Refuse, before the first step, to follow what no record will hold.

    Raises:
        ArgumentError: nothing of this name is measured, and no callback from outside layerkit may add it.
    """
    adding = (
        each
        for each in fit.callbacks
        if type(each).epoch_ended is not Callback.epoch_ended and type(each).__module__.partition(".")[0] != "layerkit"
    )
    if next(adding, None) is None:
        require_measured(callback, argument, name, fit.measures)
