"""Programs on disk: each is a module of its own, named by its content, so that Numba can keep what it became."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import llvmlite
import numba

from layerkit_numba.machine import processor


def folder() -> Path:
    """Where compiled programs are kept: ``$LAYERKIT_CACHE/numba``, or ``layerkit/numba`` in the user's cache."""
    named = os.environ.get("LAYERKIT_CACHE")
    if named:
        return Path(named) / "numba"
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "layerkit" / "numba"


def module_text(body: str, functions: Iterable[Any]) -> str:
    """A program's module: what it depends on (so that its name changes when that does), and its code."""
    sources = sorted({_source_of(function) for function in functions})
    lines = [
        f"# {numba.__version__} {llvmlite.__version__} {processor()}",
        f"# layerkit_numba {_package_digest()}",
        *(f"# {module} {_digest(path)}" for module, path in sources),
        "import math",
        "import numpy as np",
        body,
    ]
    return "\n".join(lines)


def load(text: str) -> tuple[Callable[..., Any], bool]:
    """The program's function ``run``, and whether what it is compiled to can be kept."""
    name = f"layerkit_numba_{hashlib.sha256(text.encode()).hexdigest()[:32]}"
    known = sys.modules.get(name)
    if known is not None:
        return known.run, True
    path = folder() / f"{name}.py"
    try:
        _write(path, text)
    except OSError:
        # nowhere to keep it: the program is compiled anew by each process
        module = ModuleType(name)
        exec(compile(text, f"<{name}>", "exec"), module.__dict__)
        return module.run, False
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    sys.modules[name] = module
    return module.run, True


def _write(path: Path, text: str) -> None:
    try:
        if path.read_text(encoding="utf-8") == text:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, path)


def _source_of(function: Any) -> tuple[str, str]:
    return function.__module__, inspect.getsourcefile(function) or ""


def _digest(path: str) -> str:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    except OSError:
        return path


@cache
def _package_digest() -> str:
    total = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        total.update(path.read_bytes())
    return total.hexdigest()
