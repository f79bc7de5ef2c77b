"""A worker that is this very process: for functions that cannot be sent to others, and for looking closely."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any, final

from layerkit.tuning.tasks import Task


@final
class Here:
    """Performs one task after another where it is called."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}

    def share(self, name: str, value: Any) -> None:
        self._data[name] = value

    def results(self, tasks: Sequence[Task], *, until: float | None = None) -> Iterator[Any]:
        for task in tasks:
            if until is not None and time.monotonic() >= until:
                return
            yield task.perform(self._data)

    def close(self) -> None:
        self._data.clear()
