"""What a plugin replaces in layerkit is seen, whoever imported that part first."""

from __future__ import annotations

import builtins
import inspect
import signal
import sys
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import layerkit
from layerkit.registry.containment import watched
from layerkit.registry.parts import Parts

PLACE = "layerkit.datasets.moons"


@pytest.fixture(autouse=True)
def _as_if_nobody_had_imported_it() -> Iterator[None]:
    spaces: list[tuple[dict[str, Any], str]] = [
        (sys.modules, PLACE),
        (vars(layerkit), "Moons"),
        (vars(import_module("layerkit.datasets")), "moons"),
    ]
    had = [space.pop(name, None) for space, name in spaces]
    yield
    for (space, name), value in zip(spaces, had, strict=True):
        space.pop(name, None)
        if value is not None:
            space[name] = value


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("Moons.load = lambda self, split: None", f"{PLACE}.Moons.load"),
        ("Moons.load = None", f"{PLACE}.Moons.load"),
        ("del Moons.__init__", f"{PLACE}.Moons.__init__"),
        ("module.Moons = type('Moons', (), {})", f"{PLACE}.Moons"),
        ("module._uniform = len", f"{PLACE}._uniform"),
        ("layerkit.Moons = None", "layerkit.Moons"),
    ],
)
def test_a_part_that_is_replaced_is_named(before: bool, change: str, told: str) -> None:
    if before:
        import_module(PLACE)
    with Parts() as parts:
        module = import_module(PLACE)
        space: dict[str, Any] = {"module": module, "Moons": module.Moons, "layerkit": layerkit}
        exec(change, space)
    assert told in parts.replaced()


def test_importing_replaces_nothing_and_leaves_no_trace() -> None:
    finders = list(sys.meta_path)
    with Parts() as parts:
        moons: Any = layerkit.Moons
        module = sys.modules[PLACE]
    assert parts.replaced() == ()
    assert sys.meta_path == finders
    assert type(module.__loader__).__module__.startswith(("importlib", "_frozen_importlib"))
    assert module.__spec__ is not None
    assert module.__spec__.loader is module.__loader__
    assert "class Moons" in inspect.getsource(moons)


def test_a_name_of_the_package_that_was_never_asked_for() -> None:
    with Parts() as parts:
        vars(layerkit)["Moons"] = None
    assert parts.replaced() == ("layerkit.Moons",)


@pytest.mark.parametrize("name", ["sys.stderr", "warnings.showwarning", "builtins.print", "the handler of signal 10"])
def test_what_holds_for_the_whole_process_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = signal.getsignal(10)

    def change() -> None:
        if name == "sys.stderr":
            monkeypatch.setattr(sys, "stderr", sys.stdout)
        elif name == "warnings.showwarning":
            monkeypatch.setattr(warnings, "showwarning", print)
        elif name == "builtins.print":
            monkeypatch.setattr(builtins, "print", repr)
        else:
            signal.signal(10, signal.SIG_IGN)

    _, effects = watched(change)
    monkeypatch.undo()
    signal.signal(10, real)
    assert name in effects.settings
