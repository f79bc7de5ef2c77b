"""Running a plugin's code so that its faults stay its own: errors, output, seeds and replaced built-ins."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TextIO, TypeVar, cast, final

from layerkit.registry.tampering import Snapshot

T = TypeVar("T")

_OUTPUT_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What came of a call: its value or its error, and what it did besides."""

    value: T | None
    error: BaseException | None
    output: str = ""
    seeded: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


def contained(call: Callable[[], T], *, watched: bool = True) -> Outcome[T]:
    """Run a plugin's code; nothing that it raises gets out, save an interrupt from the keyboard.

    If ``watched``, what it prints is caught, the global random generators are set back to where they were, and parts
    of layerkit that it replaced are put back. Standard output belongs to the whole process, so what another thread
    prints in that moment is caught as well.
    """
    watch = _Watch() if watched else None
    value = error = None
    try:
        value = call()
    except KeyboardInterrupt:
        raise
    except BaseException as raised:  # sys.exit() and the like must not end the program either
        error = raised
    finally:
        effects = watch.finish() if watch else ("", (), ())
    return Outcome(value, error, *effects)


@final
class _Watch:
    def __init__(self) -> None:
        self._generators = _generators()
        self._parts = Snapshot.take()
        self._real = sys.stdout
        self._caught = _CaughtOutput(self._real)
        sys.stdout = cast(TextIO, self._caught)

    def finish(self) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
        """Put everything back; the output, the generators and the parts of layerkit that were touched."""
        sys.stdout = self._real
        seeded = tuple(name for name, restore in self._generators if restore())
        return self._caught.finish(), seeded, self._parts.restore()


def _generators() -> list[tuple[str, Callable[[], bool]]]:
    """The global generators, each with a function that sets it back and says whether that was needed.

    NumPy's is watched only where it exists already: importing NumPy to look would cost more than the plugin.
    """
    import random

    state = random.getstate()

    def restore_random() -> bool:
        changed = random.getstate() != state
        if changed:
            random.setstate(state)
        return changed

    watched: list[tuple[str, Callable[[], bool]]] = [("random", restore_random)]
    numpy_random: Any = sys.modules.get("numpy.random")
    if numpy_random is not None:
        numpy_state = numpy_random.get_state(legacy=False)

        def restore_numpy() -> bool:
            changed = bool(_plain(numpy_random.get_state(legacy=False)) != _plain(numpy_state))
            if changed:
                numpy_random.set_state(numpy_state)
            return changed

        watched.append(("numpy.random", restore_numpy))
    return watched


def _plain(state: Any) -> Any:
    """A generator's state with its arrays as bytes, so that two can be compared."""
    if isinstance(state, dict):
        return {name: _plain(part) for name, part in state.items()}
    return state.tobytes() if hasattr(state, "tobytes") else state


@final
class _CaughtOutput:
    """Stands in for standard output. Whoever keeps a reference, as logging does, later writes to the real one."""

    def __init__(self, real: TextIO | None) -> None:
        self._real = real
        self._parts: list[str] | None = []

    def write(self, text: str) -> int:
        if self._parts is not None:
            self._parts.append(text)
        elif self._real is not None:
            self._real.write(text)
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._parts is None and self._real is not None:
            self._real.flush()

    def finish(self) -> str:
        """What was written; from now on everything goes through."""
        text = "".join(self._parts or ())
        self._parts = None
        return text if len(text) <= _OUTPUT_KEPT else text[:_OUTPUT_KEPT] + " …"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
