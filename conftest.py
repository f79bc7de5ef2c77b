"""What needs an extra is tested in a step of its own (marker "extra"), and left alone where the extra is missing."""

from __future__ import annotations

import gc
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

EXTRAS = {
    "layerkit/sklearn": "sklearn",
    "layerkit/plots": "matplotlib",
    "layerkit/reports": "jinja2",
    "layerkit/tensorboard": "tensorboardX",
    "layerkit/tuning": "optuna",
}
"""The folders whose documentation examples need an extra, and the package that shows whether it is installed."""


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """What cannot be imported is not looked at; of all else pytest decides."""
    package = _needed(collection_path)
    return True if package is not None and find_spec(package) is None else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Documentation examples of these folders belong to the step of the extras."""
    for item in items:
        if _needed(item.path) is not None:
            item.add_marker(pytest.mark.extra)


_INTERRUPT = signal.getsignal(signal.SIGINT)
_PATH = pytest.StashKey[list[str]]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """What a test finds, to be compared with what it leaves."""
    item.stash[_PATH] = [*sys.path]


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """Who leaves the process changed is named, and not the test that meets it later."""
    left = [] if gc.isenabled() else ["the garbage collector is switched off"]
    left += [] if signal.getsignal(signal.SIGINT) is _INTERRUPT else ["Ctrl-C is handled otherwise"]
    left += [] if sys.path == item.stash[_PATH] else ["sys.path is another"]
    gc.enable()
    signal.signal(signal.SIGINT, _INTERRUPT)
    sys.path[:] = item.stash[_PATH]
    if left:
        pytest.fail(f"{item.nodeid} leaves behind that {' and '.join(left)}")


def _needed(path: Path) -> str | None:
    relative = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
    return next((package for folder, package in EXTRAS.items() if f"{relative}/".startswith(f"{folder}/")), None)
