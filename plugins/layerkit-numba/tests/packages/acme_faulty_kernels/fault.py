"""One faulty kernel: a component, which is sound, and the check that is to tell of its kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from layerkit_numba import kernel


@dataclass(frozen=True)
class Fault:
    """A component whose kernel is faulty."""

    component: Any
    check: str
    options: dict[str, Any] = field(default_factory=dict)


FAULTS: list[Fault] = []
Maker = TypeVar("Maker", bound=Callable[..., Any])


def fault(check: str, component: type, **options: Any) -> Callable[[Maker], Maker]:
    """A class like ``component``, whose kernel, which is decorated, has a fault that ``check`` tells."""

    def announced(maker: Maker) -> Maker:
        faulty = type(maker.__name__.strip("_"), (component,), {"__module__": maker.__module__})
        FAULTS.append(Fault(faulty, check, {"input_shapes": [(3, 5)], **options}))
        return kernel(faulty)(maker)

    return announced
