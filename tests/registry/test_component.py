from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerkit.component import is_name
from layerkit.errors import ArgumentError
from layerkit.plugin import Component


def test_a_component_is_a_frozen_record() -> None:
    component = Component("scale", target="acme_layers.scale:Scale", summary="One learned factor a feature.")
    assert component == Component("scale", target="acme_layers.scale:Scale", summary="One learned factor a feature.")
    with pytest.raises(FrozenInstanceError):
        component.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["dense", "batch-normalization", "conv2d", "gru_cell", "a1-b2_c3"])
def test_names_of_lowercase_words_are_accepted(name: str) -> None:
    assert Component(name, target="a:B", summary="s").name == name


@pytest.mark.parametrize(
    "name",
    ["", "Dense", "2d", "a b", "a/b", "-a", "a-", "a--b", "a.b", "ä", "a\n", None, 3, ["a"]],
)
def test_other_names_are_refused_by_the_argument_s_name(name: Any) -> None:
    with pytest.raises(ArgumentError, match="Component: name must be"):
        Component(name, target="a:B", summary="s")


@pytest.mark.parametrize("target", ["a:B", "a.b_c:Outer.Inner", "acme_layers.scale:Scale"])
def test_targets_with_module_and_class_are_accepted(target: str) -> None:
    assert Component("x", target=target, summary="s").target == target


@pytest.mark.parametrize(
    "target", ["", "a", "a.b", ":B", "a:", "a:b:c", "a b:C", ".a:B", "a.:B", "a:B()", "a/b:C", None, dict]
)
def test_other_targets_are_refused(target: Any) -> None:
    with pytest.raises(ArgumentError, match="'x': target must be 'module:Class'"):
        Component("x", target=target, summary="s")


def test_cases_are_a_place_or_left_out() -> None:
    assert Component("x", target="a:B", summary="s").cases == ""
    assert Component("x", target="a:B", summary="s", cases="a.cases:B").cases == "a.cases:B"


@pytest.mark.parametrize("cases", ["a", "a:", "a b:C", None, ({},)])
def test_other_cases_are_refused(cases: Any) -> None:
    with pytest.raises(ArgumentError, match="'x': cases must be 'module:NAME'"):
        Component("x", target="a:B", summary="s", cases=cases)


@pytest.mark.parametrize("summary", ["", "  ", "two\nlines", "\x1b[31mred", None])
def test_a_summary_is_one_printable_line(summary: Any) -> None:
    with pytest.raises(ArgumentError, match="'x': summary must be one line"):
        Component("x", target="a:B", summary=summary)


@given(st.text())
def test_a_name_never_holds_anything_but_lowercase_letters_digits_and_joints(text: str) -> None:
    if is_name(text):
        assert set(text) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")
        assert text[0].isalpha()
        assert text[-1].isalnum()
