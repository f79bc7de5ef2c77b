"""Where an error came from: the line of the component's own code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from inspect import unwrap
from pathlib import Path
from traceback import FrameSummary, extract_tb
from types import FunctionType
from typing import Any, final

from layerkit.errors import ShapeError

_LAYERKIT = Path(__file__).resolve().parent.parent
_CONTRACTS = "layerkit.interfaces."


@final
@dataclass(frozen=True, slots=True)
class Raised:
    """An error that using a component led to: its type, the component's own last line, what errors of one fault share.

    ``file``, ``line``, ``function`` and ``code`` are empty where none of the component's lines was on the way.
    """

    error: str
    file: str
    line: int
    function: str
    code: str
    faults: frozenset[tuple[str, str, int]]

    def cause(self, error: BaseException) -> str:
        """What an error of a component says of its likely cause, told to a person."""
        if not self.file:
            return "layerkit refuses what the component gave or declared; the message says what it takes"
        return _REFUSES_SHAPE if isinstance(error, ShapeError) else _BY_ITSELF

    def __str__(self) -> str:
        code = f": {self.code}" if self.code else ""
        return f"{Path(self.file).name}, line {self.line}, in {self.function}{code}"


_BY_ITSELF = (
    "the component raised this itself, on the line named above. 'read-only' means that it writes into something it was "
    "given; a shape that does not fit, that rows or axes are mixed up"
)
_REFUSES_SHAPE = (
    "the component refuses the shape that the kit gives it: the case's input_shapes says which shapes it takes. If it "
    "should take this one, the test that raises this refuses too much"
)


def is_read_only(error: BaseException) -> bool:
    """Whether an error is NumPy's about an array that must not be written to."""
    return isinstance(error, ValueError) and ("read-only" in str(error) or "WRITEABLE" in str(error))


def raised_by(target: object, error: BaseException) -> Raised:
    """Where an error that using ``target`` led to was raised.

    The component's own last line counts, though NumPy or layerkit raised the error further down. Two errors are of one
    fault where that line is the same, or the line of layerkit's that raised them, whatever they say: shapes and numbers
    in a message are those of the check.
    """
    while error.__cause__ is not None:
        error = error.__cause__
    name = type(error).__name__
    frames = extract_tb(error.__traceback__)
    own = _last_own(frames, _files(target))
    faults = {(name, own.filename, own.lineno or 0)} if own is not None else set()
    if frames and Path(frames[-1].filename).is_relative_to(_LAYERKIT):
        faults.add((name, frames[-1].filename, frames[-1].lineno or 0))
    if own is None:
        return Raised(name, "", 0, "", "", frozenset(faults))
    return Raised(name, own.filename, own.lineno or 0, own.name, own.line or "", frozenset(faults))


def _last_own(frames: Sequence[FrameSummary], files: set[str]) -> FrameSummary | None:
    """The last line of the component's, or of a module beside one of its own, which helps it."""
    folders = {Path(place).parent for place in files if not Path(place).is_relative_to(_LAYERKIT)}
    own = [frame for frame in frames if frame.filename in files or Path(frame.filename).parent in folders]
    return own[-1] if own else None


def _files(target: object) -> set[str]:
    """The files in which the methods of a class and of its bases are written, the contracts' own left out."""
    methods = [
        _function(value)
        for base in (target.__mro__ if isinstance(target, type) else ())
        if not base.__module__.startswith(_CONTRACTS)
        for value in vars(base).values()
    ]
    return {method.__code__.co_filename for method in methods if method is not None}


def _function(value: Any) -> FunctionType | None:
    inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
    # a dataset's load is wrapped by layerkit
    return unwrap(inner) if isinstance(inner, FunctionType) else None
