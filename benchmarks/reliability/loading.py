"""Trying to load a file that was tampered with."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, final

from benchmarks.reliability.anatomy import Anatomy
from benchmarks.reliability.outcome import Outcome
from benchmarks.reliability.pace import slowness
from layerkit import load, save
from layerkit.errors import ModelFileError
from layerkit.files.models import load_with_cost

_SLOW_SECONDS = 1.0


@final
class Attempt:
    """Loads files and notes what came of it."""

    def __init__(self, folder: Path, outcome: Outcome) -> None:
        self._path = folder / "attempt.safetensors"
        self._again = folder / "again.safetensors"
        self._outcome = outcome

    def must_be_refused(self, file: bytes, told: str) -> None:
        """Nothing but a ModelFileError will do."""
        if self._loads(file, told):
            self._outcome.fail("accepted", f"accepted: {told}")

    def must_say_the_same(self, file: bytes, original: bytes, told: str) -> None:
        """It may be accepted if what it says is what the original said."""
        if self._loads(file, told):
            model, cost = load_with_cost(self._path)
            save(model, self._again, cost=cost)
            if self._again.read_bytes() == original:
                self._outcome.count("accepted, same content")
            else:
                self._outcome.fail("accepted, other content", f"accepted with other content: {told}")

    def may_be_what_it_says(self, file: bytes, told: str) -> None:
        """A forger may write any sound model, and it is loaded as what the file says."""
        if self._loads(file, told):
            model, cost = load_with_cost(self._path)
            save(model, self._again, cost=cost)
            claimed, found = (Anatomy.of(each).envelope["content"] for each in (file, self._again.read_bytes()))
            if _agree(claimed["model"], found["model"]) and claimed["tensors"] == found["tensors"]:
                self._outcome.count("sound forgery, loaded as what it says")
            else:
                self._outcome.fail("accepted as something else", f"accepted as something else: {told}")

    def _loads(self, file: bytes, told: str) -> bool:
        outcome = self._outcome
        outcome.tried += 1
        self._path.write_bytes(file)
        began = time.process_time()
        try:
            load(self._path)
        except ModelFileError:
            taken = time.process_time() - began
            outcome.slowest = max(outcome.slowest, taken)
            if taken > _SLOW_SECONDS and taken > _SLOW_SECONDS * slowness():
                outcome.fail("refused too slowly", f"refused after {taken:.2f} s: {told}")
            else:
                outcome.count("refused")
            return False
        except Exception as error:
            outcome.fail("other exception", f"{type(error).__name__}: {error}: {told}")
            return False
        return True


def _agree(claimed: Any, found: Any) -> bool:
    """Whether both say the same; an argument that the claim leaves out has its default."""
    if isinstance(claimed, dict) and isinstance(found, dict):
        may_lack = "arguments" in claimed
        return claimed.keys() == found.keys() and all(
            _agree(claimed[key], {name: found[key][name] for name in claimed[key] if name in found[key]})
            if may_lack and key == "arguments"
            else _agree(claimed[key], found[key])
            for key in claimed
        )
    if isinstance(claimed, list) and isinstance(found, list):
        return len(claimed) == len(found) and all(map(_agree, claimed, found))
    return type(claimed) is type(found) and bool(claimed == found)
