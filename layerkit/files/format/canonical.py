"""JSON with one way to write each value, and a reader that accepts no other."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from typing import Any

from layerkit.arguments import DIGITS
from layerkit.errors import ModelFileError
from layerkit.uncollected import uncollected

# the closing quote may be missing: else a text of many quotes would be searched from each of them to its end
_NO_BRACKETS = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]|\\.)*+"?)++')
_STEPS = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def to_json(value: Any) -> bytes:
    """The canonical form: ASCII, keys sorted, no blanks, the shortest digits that give a float back.

    >>> to_json({"b": [1, 2.5], "a": None})
    b'{"a":null,"b":[1,2.5]}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


@uncollected()
def from_json(text: bytes | bytearray, *, values: int, nesting: int, canonical: bool = True) -> Any:
    """The value of a JSON text of at most so many values, at most so deep; if ``canonical``, as ``to_json`` writes it.

    Raises:
        ModelFileError: it is not such a text.
    """
    # each value but the first comes after one of these, so counting them bounds the memory before any is spent
    if text.count(b",") + text.count(b"[") + text.count(b"{") + 1 > values:
        raise ModelFileError(f"its JSON holds more than the {values:,} values that are allowed")
    # a value and its key have two quotes each; those after a backslash may be part of a text
    if text.count(b'"') - text.count(b'\\"') > 4 * values:
        raise ModelFileError("its JSON holds more quotes than its values can have")
    if canonical and not text.isascii():
        raise ModelFileError("its JSON is not written in the canonical form")
    _check_nesting(text, nesting)
    try:
        value = json.loads(
            text.decode(),
            object_pairs_hook=_object_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_bounded_integer,
        )
    except ModelFileError:
        raise
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"its JSON cannot be read: {error}") from None
    if _SURROGATE.search(text):
        _check_surrogates(value)
    if canonical:
        _check_canonical(value, text)
    return value


def _check_nesting(text: bytes | bytearray, nesting: int) -> None:
    # a text may hold millions, so no Python runs for each
    brackets = _NO_BRACKETS.sub(b"", text)
    if len(brackets) != 2 * (brackets.count(b"[") + brackets.count(b"{")):
        # they do not match: whoever reads the text says so, where the first of them is
        return
    depths = accumulate(map(_STEPS.__getitem__, brackets))
    if max(depths, default=0) > nesting:
        raise ModelFileError(f"its JSON is nested more than the {nesting} levels that are allowed")


def _check_canonical(value: Any, text: bytes | bytearray) -> None:
    try:
        same = to_json(value) == text
    except ValueError as error:
        raise ModelFileError(f"its JSON holds a number that is not finite: {error}") from None
    if not same:
        raise ModelFileError("its JSON is not written in the canonical form")


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ModelFileError("its JSON holds half of a character") from None


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ModelFileError("its JSON holds a key twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ModelFileError(f"its JSON holds {name}, which is no JSON")


def _bounded_integer(digits: str) -> int:
    if len(digits.lstrip("-")) > DIGITS:
        raise ModelFileError(f"its JSON holds an integer of {len(digits)} digits")
    return int(digits)
