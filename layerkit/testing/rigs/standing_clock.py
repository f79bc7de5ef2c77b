"""A clock that stands still, to see whether results differ but for the time that they tell."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import BuiltinFunctionType
from typing import Any
from unittest.mock import patch

_CLOCKS = ("time", "monotonic", "perf_counter", "process_time", "thread_time")
_NAMES = (*_CLOCKS, *(f"{name}_ns" for name in _CLOCKS))


@contextmanager
def standing_clock(target: Any) -> Iterator[None]:
    """The clocks of ``time`` stand still, also under the names that the module of ``target`` has for them."""
    standing = {getattr(time, name): _still(name) for name in _NAMES}
    with ExitStack() as stack:
        for module in {time, sys.modules[target.__module__]}:
            for name, value in list(vars(module).items()):
                if isinstance(value, BuiltinFunctionType) and value in standing:
                    stack.enter_context(patch.object(module, name, standing[value]))
        yield


def _still(name: str) -> Callable[[], float]:
    now = 1000 if name.endswith("_ns") else 1000.0
    return lambda: now
