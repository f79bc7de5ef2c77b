"""Passes over a model side by side; changes of its memory, and looks at all of it, alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any, TypeVar, final
from weakref import WeakValueDictionary

from layerkit.errors import LayerkitError

Result = TypeVar("Result")

_NAP_SECONDS = 1e-4
_PATIENCE_SECONDS = 60.0
"""So long may a step take, or what is done after an epoch. Who waits longer is told: it may be waited for itself."""

BUILDING = threading.RLock()
"""Held while layers that belong to no model yet are built for the first time: there is no gate to stand before."""


@final
class Gate:
    """What stands before what many threads use: any number of them may be inside, in one of three ways.

    ``shared`` only reads, or does not mind what others write; ``writing`` changes values, step by step; ``still`` looks
    at all values as they are at one moment, while nobody is writing. Who lays all out anew, ``exclusive``, is alone.
    Each waits until those that it must not meet are done, and those that come meanwhile wait for it.
    """

    def __init__(self) -> None:
        self._inside: list[int] = []
        self._writers: list[int] = []
        self._closed_by: int | None = None
        self._held_by: int | None = None
        self.moments: WeakValueDictionary[int, Any] = WeakValueDictionary()
        """By thread: of what it copies or pickles, the state at one moment; it ends where that thread trains."""
        self._alone = threading.RLock()
        self._looking = threading.RLock()

    def shared(self, action: Callable[..., Result], *arguments: Any) -> Result:
        """Call ``action`` while nobody lays the memory out."""
        inside, me = self._inside, get_ident()
        try:
            # appending and removing are one instruction each, and so is looking whether it is closed
            inside.append(me)
            while self._closed_by not in (None, me) and inside.count(me) == 1:
                self._step_back(inside, lambda: self._closed_by is not None)
            return action(*arguments)
        finally:
            inside.remove(me)

    def writing(self, action: Callable[..., Result], *arguments: Any) -> Result:
        """Call ``action``, which changes values, while nobody lays the memory out or looks at all of it."""
        return self.shared(self._write, action, arguments)

    def still(self, action: Callable[..., Result], *arguments: Any) -> Result:
        """Call ``action`` while nobody lays the memory out, and no other thread changes values.

        Raises:
            LayerkitError: this thread itself is in the middle of changing them; or another, for a minute.
        """
        return self.shared(self._hold, action, arguments)

    def resting(self, action: Callable[..., Result], *arguments: Any) -> Result:
        """Call ``action``, which may wait for other threads, in a pause of ``writing``, when all values are whole."""
        writers, me = self._writers, get_ident()
        if me not in writers:
            return action(*arguments)
        try:
            writers.remove(me)
            return action(*arguments)
        finally:
            writers.append(me)
            self._wait_for_looks(me)

    @property
    def written_here(self) -> bool:
        """Whether this thread is inside ``writing``."""
        return get_ident() in self._writers

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
            before = self._closed_by
            try:
                self._closed_by = me
                self.moments.pop(me, None)
                while self._inside:
                    time.sleep(_NAP_SECONDS)
                yield
            finally:
                self._closed_by = before

    def __reduce__(self) -> tuple[type[Gate], tuple[()]]:
        # that of a copy stands open
        return Gate, ()

    def _write(self, action: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        writers, me = self._writers, get_ident()
        before = writers.count(me)
        try:
            writers.append(me)
            if not before:
                self.moments.pop(me, None)
                self._wait_for_looks(me)
            return action(*arguments)
        finally:
            # an interruption inside ``resting`` may have left more than one
            while writers.count(me) > before:
                writers.remove(me)

    def _hold(self, action: Callable[..., Result], arguments: tuple[Any, ...]) -> Result:
        me = get_ident()
        if me in self._writers:
            raise LayerkitError(
                "in the middle of a step, values are half those of the one before: save, copy and pickle before or "
                "after it, or in a callback"
            )
        with self._looking:
            before = self._held_by
            try:
                self._held_by = me
                until = time.monotonic() + _PATIENCE_SECONDS
                while self._writers:
                    if time.monotonic() > until:
                        raise LayerkitError(
                            "what another thread does to train has not come to an end within "
                            f"{_PATIENCE_SECONDS:g} s, and until then there is no one state to save or copy: it waits "
                            "for this thread, perhaps (a callback that waits for a checkpoint writes it itself)"
                        )
                    time.sleep(_NAP_SECONDS)
                return action(*arguments)
            finally:
                self._held_by = before

    def _wait_for_looks(self, me: int) -> None:
        while self._held_by not in (None, me):
            self._step_back(self._writers, lambda: self._held_by is not None)

    @staticmethod
    def _step_back(place: list[int], closed: Callable[[], bool]) -> None:
        me = get_ident()
        place.remove(me)
        try:
            while closed():
                time.sleep(_NAP_SECONDS)
        finally:
            place.append(me)
