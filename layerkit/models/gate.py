"""Passes over a model side by side, and changes of its memory alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, TypeVar, final

from layerkit.errors import LayerkitError

Result = TypeVar("Result")

_NAP_SECONDS = 1e-4


@final
class Gate:
    """What stands before a model's memory: any number of threads read it or train it, or one lays it out anew.

    Who lays it out waits until the passes that are under way are done, and those that come meanwhile wait for it.
    """

    def __init__(self) -> None:
        self._inside: list[int] = []
        self._closed_by: int | None = None
        self._alone = threading.RLock()

    def shared(self, action: Callable[..., Result], *arguments: Any) -> Result:
        """Call ``action`` while nobody lays the memory out."""
        inside, me = self._inside, get_ident()
        try:
            # appending and removing are one instruction each, and so is looking whether it is closed
            inside.append(me)
            while self._closed_by not in (None, me) and inside.count(me) == 1:
                self._step_back(me)
            return action(*arguments)
        finally:
            inside.remove(me)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Nobody else is inside as long as the block runs.

        Raises:
            LayerkitError: this thread itself is in the middle of a pass.
        """
        me = get_ident()
        if me in self._inside:
            raise LayerkitError(
                "freeze, unfreeze, astype and initialize lay a model's memory out anew, which cannot be done inside a "
                "pass over it or inside a step: do it before or after, or in a callback"
            )
        with self._alone:
            try:
                self._closed_by = me
                while self._inside:
                    time.sleep(_NAP_SECONDS)
                yield
            finally:
                self._closed_by = None

    def _step_back(self, me: int) -> None:
        self._inside.remove(me)
        try:
            while self._closed_by is not None:
                time.sleep(_NAP_SECONDS)
        finally:
            self._inside.append(me)
