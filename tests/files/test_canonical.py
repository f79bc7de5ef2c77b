"""JSON with one way to write each value, and Python values in it."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerkit.config.marked import MARKED
from layerkit.errors import ArgumentError, ModelFileError
from layerkit.files.format.canonical import from_json, to_json

TEXT = st.text(st.characters(codec="utf-8"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.sampled_from(["$tuple", "$layer"]), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(JSON)
def test_a_value_comes_back_and_is_written_the_same_again(value: Any) -> None:
    text = to_json(value)
    again = from_json(text, values=10_000, nesting=100)
    assert again == value
    assert to_json(again) == text


@given(JSON)
def test_no_other_way_to_write_it_is_accepted(value: Any) -> None:
    other = json.dumps([value], indent=1).encode()
    with pytest.raises(ModelFileError, match="canonical"):
        from_json(other, values=10_000, nesting=100)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b'{"a":1,"a":1}', "a key twice"),
        (b'{"b":1,"a":1}', "canonical"),
        (b"[1.0e0]", "canonical"),
        (b"[1e999]", "not finite"),
        (b"[NaN]", "NaN"),
        (b"[-Infinity]", "Infinity"),
        (b"[" + b"1" * 41 + b"]", "an integer of 41 digits"),
        (b"[" * 101 + b"]" * 101, "nested more than the 100 levels"),
        (b'["' + b"[" * 200 + b'"]', ""),
        (b"[1,2,3,4,5,6]", "more than the 5 values"),
        (b'["\xff"]', "canonical"),
        (b'["\\ud800"]', "half of a character"),
        (b"", "cannot be read"),
        (b"{", "cannot be read"),
    ],
)
def test_what_is_refused(text: bytes, message: str) -> None:
    if not message:
        # brackets in text are no nesting
        assert from_json(text, values=1000, nesting=100) == ["[" * 200]
        return
    with pytest.raises(ModelFileError, match=message):
        from_json(text, values=5 if b"6" in text else 1000, nesting=100)


def plain(value: Any) -> Any:
    return MARKED.plain(value, plain)


def back(value: Any) -> Any:
    return MARKED.value(value, back)


@given(VALUES)
def test_python_values_keep_their_types_and_order(value: Any) -> None:
    again = back(json.loads(json.dumps(plain(value))))
    assert repr(again) == repr(value)


def test_numbers_that_are_not_finite_are_kept() -> None:
    again = back(plain([math.inf, -math.inf, math.nan, np.float32(0.5), np.int64(3)]))
    assert repr(again) == "[inf, -inf, nan, 0.5, 3]"


def test_other_objects_are_refused() -> None:
    with pytest.raises(ArgumentError, match="got set"):
        plain({"a": [{1}]})
