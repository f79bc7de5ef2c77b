"""Components that cannot be made, described or rebuilt."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any

from layerkit import Context, Layer
from layerkit.arguments import check_number
from layerkit.types import Array, Shape
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.sound import Scale


class NotALayer:
    """Looks like a layer, and is none."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape


class StillAbstract(Layer):
    """Backward is missing."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        return x


class Undocumented(Scale):
    pass


Undocumented.__doc__ = None


class Converts(Scale):
    """Stores its argument in another unit."""

    def __init__(self, percent: float = 50.0) -> None:
        check_number(self, "percent", percent)
        self.percent = percent / 100


class TakesCode(Scale):
    """Takes a function, which no file can hold."""

    def __init__(self, function: Callable[[float], float] | None = None) -> None:
        if function is not None and not callable(function):
            raise TypeError("function must be callable")
        self.function = function


class NeedsATuple(Scale):
    """Works with a tuple, and otherwise with the list that it comes back as from JSON."""

    def __init__(self, axes: Any = (1, 2)) -> None:
        if not isinstance(axes, (tuple, list)):
            raise TypeError(f"NeedsATuple: axes must be a tuple, got {axes!r}")
        self.axes = axes

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x, ctx) + isinstance(self.axes, list)


class Unchecked(Scale):
    """Takes anything for its number."""

    def __init__(self, rate: float = 0.5) -> None:
        self.rate = rate


class AcceptsNegative(Scale):
    """Takes a negative number that makes no sense."""

    def __init__(self, rate: float = 0.5) -> None:
        check_number(self, "rate", rate)
        self.rate = rate


class SwallowsKeywords(Scale):
    """Takes any keyword."""

    def __init__(self, rate: float = 0.5, **options: Any) -> None:
        check_number(self, "rate", rate)
        self.rate = rate


class AddressInRepr(Scale):
    """Its repr is an address."""

    def __repr__(self) -> str:
        return object.__repr__(self)


class HoldsALock(Scale):
    """Holds what cannot be pickled."""

    def __init__(self) -> None:
        self._lock = Lock()


class LosesInCopy(Scale):
    """A copy forgets its argument."""

    def __init__(self, power: int = 1) -> None:
        if not isinstance(power, int):
            raise TypeError(f"LosesInCopy: power must be an integer, got {power!r}")
        self.power = power

    def forward(self, x: Array, ctx: Context) -> Array:
        return super().forward(x, ctx) * self.power

    def backward(self, grad: Array, ctx: Context) -> Array | None:
        return super().backward(grad * self.power, ctx)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__({**state, "power": 1})


class SharedDefault(Scale):
    """All components without the argument share one list."""

    def __init__(self, sizes: list[int] = []) -> None:  # noqa: B006
        if not isinstance(sizes, (list, tuple)):
            raise TypeError(f"SharedDefault: sizes must be a list, got {sizes!r}")
        self.sizes = sizes


class ClassLevelList(Scale):
    """All components write into one list of the class's."""

    _seen: list[tuple[int, ...]] = []  # noqa: RUF012

    def forward(self, x: Array, ctx: Context) -> Array:
        self._seen.append(x.shape)
        return super().forward(x, ctx)


class WrongArguments(Scale):
    """Needs an argument that the case does not give."""

    def __init__(self, rate: float) -> None:
        check_number(self, "rate", rate)
        self.rate = rate


BUGS = [
    Bug(NotALayer, "concrete-subclass", "base class"),
    Bug(StillAbstract, "concrete-subclass", "missing"),
    Bug(WrongArguments, "takes-its-arguments", "required"),
    Bug(Undocumented, "documented", "docstring"),
    Bug(Converts, "config-round-trip", "converts", {"arguments": {"percent": 20.0}}),
    Bug(TakesCode, "config-round-trip", "plain values", {"arguments": {"function": abs}}),
    Bug(NeedsATuple, "config-round-trip", "a tuple comes back as a list"),
    Bug(Unchecked, "refuses-bad-arguments", "does not check"),
    Bug(AcceptsNegative, "refuses-bad-arguments", "does not check", {"bad_arguments": {"rate": [-1.0]}}),
    Bug(SwallowsKeywords, "refuses-unknown-arguments", "**arguments"),
    Bug(AddressInRepr, "useful-repr", "__repr__"),
    Bug(HoldsALock, "pickle-and-deepcopy", "a lock"),
    Bug(LosesInCopy, "pickle-and-deepcopy", "leaves something out", {"arguments": {"power": 2}}),
    Bug(SharedDefault, "instances-share-no-state", "default argument"),
    Bug(ClassLevelList, "instances-share-no-state", "attribute of the class"),
]
