"""What plugin authors read is complete and exact: every hook, method, name on a context, and check stands there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

import layerkit
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.callback import Callback
from layerkit.interfaces.context import Context
from layerkit.interfaces.cost import Cost
from layerkit.interfaces.dataset import Dataset, RandomAccess, Stream
from layerkit.interfaces.engine import Engine, Run
from layerkit.interfaces.initializer import Initializer
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.optimizer import Optimizer
from layerkit.interfaces.schedule import Schedule
from layerkit.interfaces.scratch import Scratch
from layerkit.interfaces.transform import Transform
from layerkit.interfaces.update_context import ParameterSlice, UpdateContext
from layerkit.registry.hooks import SPECIFICATIONS
from layerkit.registry.kinds import KINDS, Kind
from layerkit.testing.case import Case
from layerkit.testing.suite import Check, checks_of

DOCS = Path(__file__).resolve().parent.parent / "docs"
AUTHORS = (DOCS / "plugin-authors.md").read_text(encoding="utf-8")
KIT = (DOCS / "conformance.md").read_text(encoding="utf-8")
INTERFACES = [
    Activation,
    Callback,
    Cost,
    Dataset,
    Engine,
    Initializer,
    Metric,
    Optimizer,
    RandomAccess,
    Run,
    Schedule,
    Stream,
    Transform,
]
HOOKS = [value for name, value in vars(SPECIFICATIONS).items() if name.startswith("layerkit_")]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.__name__)
def test_every_hook_is_documented_with_its_exact_signature(hook: Callable[..., Any]) -> None:
    signature = str(inspect.signature(hook)).replace("'", "")
    assert f"| `{hook.__name__}{signature}` |" in AUTHORS


def test_every_hook_that_is_documented_exists() -> None:
    named = set(re.findall(r"^\| `(layerkit_\w+)\(", AUTHORS, re.MULTILINE))
    assert named == {hook.__name__ for hook in HOOKS} == {kind.hook for kind in KINDS.values()}


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_the_base_class_of_each_kind_is_named(kind: Any) -> None:
    name = kind.base.partition(":")[2]
    row = next(line for line in AUTHORS.splitlines() if line.startswith(f"| `{kind.hook}("))
    assert f"`layerkit.{name}`" in row
    assert hasattr(layerkit, name)


def own_methods(interface: type) -> list[str]:
    return [
        name
        for name, value in vars(interface).items()
        if inspect.isfunction(value) and (not name.startswith("_") or name == "__len__")
    ]


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda interface: interface.__name__)
def test_every_method_is_documented_with_its_exact_arguments(interface: type) -> None:
    for name in own_methods(interface):
        if (interface, name) == (Activation, "build"):
            continue
        arguments = list(inspect.signature(getattr(interface, name)).parameters)[1:]
        assert f"`{name}({', '.join(arguments)})`" in AUTHORS


@pytest.mark.parametrize("name", ["build", "forward", "backward", "connect", "state", "part"])
def test_the_methods_of_layers_are_documented_with_their_exact_arguments(name: str) -> None:
    arguments = list(inspect.signature(getattr(Layer, name)).parameters)[1:]
    assert f"`{name}({', '.join(arguments)})`" in AUTHORS


@pytest.mark.parametrize("name", [*Layer.__annotations__, *Activation.__annotations__, *Cost.__annotations__])
def test_every_declaration_of_a_class_is_documented(name: str) -> None:
    assert name.startswith("_") or f"`{name}`" in AUTHORS


@pytest.mark.parametrize("context", [Context, UpdateContext], ids=lambda context: context.__name__)
def test_every_name_on_a_context_is_documented(context: type) -> None:
    public = [name for name in dir(context) if not name.startswith("_")]
    missing = [name for name in public if not re.search(rf"^\|.*`{name}(\(.*?\))?`.*\|", AUTHORS, re.MULTILINE)]
    assert not missing


def test_every_name_on_scratch_and_slices_is_documented() -> None:
    public = {name for name in dir(Scratch) if not name.startswith("_")} - {"begin_with", "overwrite"}
    assert not [name for name in public if f"`scratch.{name}" not in AUTHORS]
    assert not [field.name for field in fields(ParameterSlice) if f"`{field.name}`" not in AUTHORS]


def listed(title: str) -> list[str]:
    section = KIT.partition(f"### {title}\n")[2].partition("\n### ")[0]
    # what stands behind in italics, which checks tell it, is not what it checks
    return [line.partition(" *")[0] for line in section.splitlines() if line.startswith("- ")]


def lines_of(checks: Sequence[Check]) -> list[str]:
    return [f"- `{each.name}`: {each.summary}" for each in checks]


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_every_check_is_listed_with_what_it_checks(kind: Kind) -> None:
    own = checks_of(kind)[len(checks_of(None)) :]
    if kind.name == "activations":
        own = tuple(each for each in own if each not in checks_of(KINDS["layers"]))
    assert listed(kind.singular.capitalize()) == lines_of(own)


def test_every_check_of_every_kind_is_listed() -> None:
    assert listed("Every kind") == lines_of(checks_of(None))


@pytest.mark.parametrize("option", [field.name for field in fields(Case)])
def test_every_option_of_the_kit_is_documented(option: str) -> None:
    assert re.search(rf"^\| .*`{option}`.* \|", KIT, re.MULTILINE)
    assert f"``{option}``" in (Case.__doc__ or "")
