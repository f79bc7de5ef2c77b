from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from layerkit import Dense, Residual, Sequential, Sigmoid
from layerkit.registry.construction import kinds_of_argument
from layerkit.registry.kinds import kind_of

if TYPE_CHECKING:
    from layerkit import Activation, Initializer, Layer


class ForCheckersOnly:
    """Its annotations name what is imported for type checkers only."""

    def __init__(self, inner: Layer, f: Activation | None, start: Initializer | None, size: int, free: Any) -> None:
        pass


class Unannotated:
    def __init__(self, inner, size=3):  # type: ignore[no-untyped-def]
        pass


@pytest.mark.parametrize(
    ("owner", "argument", "expected"),
    [
        (Dense, "activation", ("activations",)),
        (Dense, "initializer", ("initializers",)),
        (Dense, "units", ()),
        (Dense, "missing", ()),
        (Sequential, "layers", ("layers", "activations")),
        (Residual, "layer", ("layers", "activations")),
        (ForCheckersOnly, "inner", ("layers", "activations")),
        (ForCheckersOnly, "f", ("activations",)),
        (ForCheckersOnly, "start", ("initializers",)),
        (ForCheckersOnly, "size", ()),
        (ForCheckersOnly, "free", ()),
        (Unannotated, "inner", ()),
    ],
)
def test_annotations_say_which_kinds_an_argument_takes(owner: type, argument: str, expected: tuple[str, ...]) -> None:
    assert kinds_of_argument(owner, argument) == expected


def test_a_class_s_kind_is_its_narrowest() -> None:
    assert [getattr(kind_of(cls), "name", None) for cls in (Sigmoid, Dense, int)] == ["activations", "layers", None]
