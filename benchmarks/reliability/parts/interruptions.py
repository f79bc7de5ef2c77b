"""Fits that an exception or a signal ends anywhere, and that go on: the same bits as if nothing had happened."""

from __future__ import annotations

import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any

from benchmarks.reliability.fragile import EPOCHS, FAULT, FRAGILE, FaultError, fit
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.training import fingerprint
from layerkit import Trainer

PROMISE = "fits ended by an exception or a signal at any point, continued in the same process: the same bits"

_LAYERKIT = str(Path(find_spec("layerkit").origin).parent)  # type: ignore[union-attr, arg-type]
# where Python looks for no signal between what must go together, and nothing is called that may fail
_PLAIN = {
    ("uninterrupted.py", "uninterrupted"),
    ("transaction.py", "_take_back"),
    ("trainer.py", "fit"),
    ("gate.py", "shared"),
}
_ERRORS = (KeyboardInterrupt, MemoryError, FaultError)


def run(count: int, seed: int, folder: Path) -> Outcome:
    """End ``count`` trainings one to three times each, and let them go on; each must end like the undisturbed one."""
    chance = random.Random(seed)
    outcome = Outcome()
    expected, seconds, ticks, events = {}, {}, {}, {}
    for name, make in FRAGILE.items():
        _finish(make(), lambda run: run())  # compiles
        FAULT.disarm()
        began = time.perf_counter()
        expected[name] = fingerprint(_finish(make(), lambda run: run()))
        seconds[name] = time.perf_counter() - began
        ticks[name] = dict(FAULT.counts)
        counting = _Injection(None, 0, profile=False)
        _finish(make(), counting.around)
        profiled = _Injection(None, 0, profile=True)
        _finish(make(), profiled.around)
        events[name] = counting.seen, profiled.seen
    for number in range(count):
        name = chance.choice(sorted(FRAGILE))
        told: list[str] = []
        times = chance.choice((1, 1, 2, 3))

        def disturb(run: Callable[[], None], name: str = name, told: list[str] = told, times: int = times) -> None:
            if len(told) >= times:
                run()
                return
            kind = chance.choice(("fault", "signal", "line", "call"))
            error = chance.choice(_ERRORS)
            if kind == "fault":
                place = chance.choice(sorted(ticks[name]))
                at = chance.randrange(ticks[name][place])
                told.append(f"{error.__name__} in {place}, {at}")
                FAULT.arm(place, at, error)
                run()
            elif kind == "signal":
                after = chance.random() * seconds[name]
                told.append(f"SIGINT after {after:.4f} s")
                _signalled(run, after)
            else:
                profile = kind == "call"
                at = chance.randrange(events[name][profile])
                injection = _Injection(error, at, profile=profile)
                told.append("")
                try:
                    injection.around(run)
                finally:
                    told[-1] = f"{error.__name__} at {kind} {at}: {injection.place}"

        outcome.tried += 1
        try:
            found = fingerprint(_finish(FRAGILE[name](), disturb, outcome))
        except Exception as error:
            outcome.fail("could not go on", f"{number}, {name}, {told}: {type(error).__name__}: {error}")
            continue
        finally:
            FAULT.disarm()
        if found != expected[name]:
            outcome.fail("different", f"{number}, {name}, {told}")
        else:
            outcome.count("bit-identical")
    return outcome


def _finish(
    given: tuple[Trainer, dict[str, Any], Any],
    around: Callable[[Callable[[], None]], None],
    outcome: Outcome | None = None,
) -> Trainer:
    """Fit, again and again, until all epochs are done."""
    trainer, settings, callbacks = given
    while len(trainer.history) < EPOCHS:
        try:
            around(lambda: fit(trainer, settings, callbacks()))
        except _ERRORS as error:
            if outcome is not None:
                outcome.count(f"ended by {type(error).__name__}")
    # what was to be frozen for the next epoch does not count, only its values
    for layer in trainer.model.structure.node.parts.values():
        layer.layer.unfreeze()
    return trainer


def _signalled(run: Callable[[], None], after: float) -> None:
    """Ctrl-C comes from another thread while ``run`` goes on."""
    main = threading.get_ident()
    over = threading.Event()

    def send() -> None:
        if not over.wait(after):
            signal.pthread_kill(main, signal.SIGINT)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        run()
        over.set()
    finally:
        sender.join()


class _Injection:
    """Raises an exception at the n-th line of layerkit's code, or at the n-th call or return; counts them."""

    def __init__(self, error: type[BaseException] | None, at: int, *, profile: bool) -> None:
        self.seen = 0
        self.place = "nowhere"
        self._error = error
        self._at = at
        self._set = sys.setprofile if profile else sys.settrace

    def around(self, run: Callable[[], None]) -> None:
        self._set(self._watch)
        try:
            run()
        finally:
            self._set(None)

    def _watch(self, frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        name = Path(code.co_filename).name
        if not code.co_filename.startswith(_LAYERKIT) or (name, code.co_name) in _PLAIN:
            return self._watch
        if self._set is sys.setprofile or event == "line":
            self.seen += 1
            if self._error is not None and self.seen > self._at and self.place == "nowhere":
                self.place = f"{name}:{frame.f_lineno} {event}"
                raise self._error
        return self._watch
