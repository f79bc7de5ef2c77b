"""What an author tells the kit about a component, beyond the component itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias, final

import numpy as np

from layerkit.errors import ArgumentError
from layerkit.lazy import resolve
from layerkit.types import Array, Shape

Draw: TypeAlias = Callable[[np.random.Generator, tuple[int, ...]], Array]
"""Draws an array of a shape, the batch axis included."""
Cases: TypeAlias = Sequence[Mapping[str, Any]]
"""What a component's record names: a dictionary a case, each of them options of ``check``."""

_WANTED = "the cases of a component must be a list of at least one dictionary of options, such as [{}]"


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One way of using a component: the keyword arguments of ``check`` and ``conformance``. All are optional.

    For every kind:

    - ``arguments``: the constructor's arguments; each instance is made with copies of them;
    - ``bad_arguments``: ``{"rate": [-1, 2]}``, values that the constructor must refuse, naming the argument;
    - ``checks``: the names of the checks to run, instead of all;
    - ``expected_failures``: ``{"rows-independent": "why"}``, faults to be mended; each fails when its check passes;
    - ``waived``: ``{"rows-independent": "why"}``, what the component is not held to; such a check does not run;
    - ``needs_extra``: a package that it imports when it is used may be missing here (it then raises a
      MissingExtraError), and nothing that uses it is checked then.

    For layers and activations:

    - ``input_shapes``: shapes without the batch axis; each layer check runs for all of them;
    - ``inputs``: ``(rng, shape) -> array``, for a layer that cannot take any numbers (one function an input, where
      there are several);
    - ``keeps_mean``: whether a stochastic layer's training output has the inference output as its mean.

    For costs and metrics:

    - ``input_shapes``: the shapes of a prediction;
    - ``prediction_range``: between which numbers predictions are drawn;
    - ``targets``: ``"real"``, drawn like predictions; ``"unit"``, between 0 and 1;
      ``"probabilities"``, rows of these that sum to 1; ``"one-hot"``; ``"multi-hot"``, rows of 0 and 1, each output a
      label of its own; ``"labels"``.

    For optimizers, transforms and schedules:

    - ``learning_rate``: the rate at which the kit runs them;
    - ``reference``: a second, plain implementation to compare with. Optimizer: ``(parameters, gradients, rate) ->
      parameters`` after those gradients; transform: ``(parameters, gradient, rate) -> (gradient, parameters)``;
      schedule: ``{step: rate}``, with ten steps an epoch.

    For initializers: ``variance``, ``(fan_in, fan_out) -> variance``, and ``mean``.

    For datasets: ``needs_data``: the data may be absent here, and then nothing that reads it is checked.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    bad_arguments: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    checks: Collection[str] | None = None
    expected_failures: Mapping[str, str] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    input_shapes: Sequence[Shape] = ()
    inputs: Draw | Sequence[Draw] | None = None
    keeps_mean: bool = True
    prediction_range: tuple[float, float] = (-2.0, 2.0)
    targets: Literal["real", "unit", "probabilities", "one-hot", "multi-hot", "labels"] | None = None
    learning_rate: float = 0.05
    reference: Any = None
    variance: Callable[[int, int], float] | None = None
    mean: float = 0.0
    needs_data: bool = False
    needs_extra: bool = False

    def __post_init__(self) -> None:
        for option in ("expected_failures", "waived"):
            reasons = getattr(self, option)
            if not isinstance(reasons, Mapping):
                raise ArgumentError(f'{option} must be a dictionary such as {{"threads": "why"}}, got {reasons!r}')
            for name, reason in reasons.items():
                if not isinstance(reason, str) or not reason.strip():
                    raise ArgumentError(f"{option}: {name!r} needs a reason, got {reason!r}")
        both = sorted(set(self.expected_failures) & set(self.waived))
        if both:
            raise ArgumentError(f"{both[0]!r} is waived, so it cannot be an expected failure too: it does not run")


def as_case(options: Mapping[str, Any]) -> Case:
    """The case that these options describe.

    Raises:
        ArgumentError: there is no such option; the message lists them.
    """
    known = [each.name for each in fields(Case)]
    for name in options:
        if name not in known:
            raise ArgumentError(f"check and conformance have no option {name!r}; the options are {', '.join(known)}")
    return Case(**options)


def cases_of(target: Any, place: str = "") -> list[Case]:
    """The cases that a component's author declares; else the one with no option.

    ``place``: ``"module:NAME"`` of a sequence of dictionaries, each of them options of ``check``, as the component's
    record names it.

    Raises:
        ImportError, AttributeError: there is nothing in that place.
        ArgumentError: there is no such option, not one case, or something else than a sequence of dictionaries.
    """
    # what a plugin for API 1.0 declares stands on the class
    declared: Any = resolve(place) if place else getattr(target, "conformance_cases", ({},))
    if not isinstance(declared, Sequence) or not declared:
        raise ArgumentError(f"{_WANTED}, got {declared!r}")
    for options in declared:
        if not isinstance(options, Mapping):
            raise ArgumentError(f"{_WANTED}, got {options!r} among them")
    return [as_case(options) for options in declared]
