from __future__ import annotations

import inspect

import pytest

from layerkit.errors import UnknownComponentError
from layerkit.lazy import resolve
from layerkit.registry.hooks import SPECIFICATIONS
from layerkit.registry.kinds import KINDS, Kind, kind_named

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@every_kind
def test_every_kind_has_a_hook_without_arguments_and_its_documentation_says_so(kind: Kind) -> None:
    hook = getattr(SPECIFICATIONS, kind.hook)
    signature = inspect.signature(hook)
    assert not signature.parameters
    assert signature.return_annotation == "Sequence[Component]"
    documentation = inspect.getdoc(hook) or ""
    assert f"``{kind.hook}()``, no arguments" in documentation
    if kind.base is not None:
        assert kind.base.replace(":", ".") in documentation


@every_kind
def test_the_base_of_a_kind_is_a_class_named_after_it(kind: Kind) -> None:
    if kind.base is not None:
        assert resolve(kind.base).__name__.lower() == kind.singular


def test_every_hook_belongs_to_a_kind() -> None:
    hooks = {name for name in vars(SPECIFICATIONS) if name.startswith("layerkit_")}
    assert hooks == {kind.hook for kind in KINDS.values()}


@every_kind
def test_a_kind_is_found_by_its_plural_and_its_singular(kind: Kind) -> None:
    assert kind_named(kind.name) is kind_named(kind.singular) is kind


def test_an_unknown_kind_is_answered_with_the_nearest_and_all() -> None:
    with pytest.raises(UnknownComponentError, match=r"'optimisers'\. Did you mean 'optimizers'\?.*layers, activations"):
        kind_named("optimisers")
