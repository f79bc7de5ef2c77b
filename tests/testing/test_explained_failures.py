"""One cause, one failure: what another failure explains is told as a note, and errors name the component's own line."""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter
from typing import Any

import numpy as np
import pytest

from layerkit import Context, Layer
from layerkit.registry.kinds import KINDS, Kind
from layerkit.testing import Report, check
from layerkit.testing.explained_failures import explained
from layerkit.testing.report import NO_ERROR, Failure
from layerkit.testing.subject import Subject
from layerkit.testing.suite import Check, checks_of, foundation, suite, told_by
from layerkit.types import Array, Shape
from tests.testing.gallery.datasets_gather import SortsTheOrder
from tests.testing.gallery.layers_gradients import WrongSign
from tests.testing.gallery.layers_passes import GlobalGenerator, MutatesInput, OwnGenerator, StaleScratch
from tests.testing.gallery.sound import Scale
from tests.testing.helping import doubled


class StumblesOverRows(Scale):
    """Fails on every batch, with another message for each shape."""

    def forward(self, x: Array, ctx: Context) -> Array:
        wide = np.concatenate([x, x[:, :1]], axis=1)
        return x * wide


class IsHelpedBadly(Scale):
    """Fails in a function of another module of its own package."""

    def forward(self, x: Array, ctx: Context) -> Array:
        return doubled(x)


class RefusesEverything(Layer):
    """Takes no shape that the kit gives unless it is told to."""

    def build(self, input_shape: Shape) -> Shape:
        from layerkit.errors import ShapeError

        raise ShapeError(f"RefusesEverything: takes images alone, got {input_shape}")

    def forward(self, x: Array, ctx: Context) -> Array:
        return x

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class Forgotten(Layer):
    """A cache on self that makes its gradient wrong, too."""

    def build(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Array, ctx: Context) -> Array:
        self.first = self.__dict__.get("first", float(x.sum()))
        return x * self.first

    def backward(self, grad: Array, ctx: Context) -> Array:
        return grad


class NeitherSoundNorDocumented(WrongSign):
    pass


NeitherSoundNorDocumented.__doc__ = None


def failed(report: Report) -> list[str]:
    return [failure.check for failure in report.failures]


def notes(report: Report) -> dict[str, str]:
    return {note.check: note.reason for note in report.skipped}


@cache
def stumbling() -> Report:
    return check(StumblesOverRows)


def test_an_error_of_one_line_is_told_once_whatever_its_message() -> None:
    assert failed(stumbling()) == ["runs"]
    reasons = [reason for reason in notes(stumbling()).values() if "the same error as runs" in reason]
    assert len(reasons) > 10


def test_an_error_is_told_with_the_component_s_own_line() -> None:
    (failure,) = stumbling().failures
    assert failure.raised is not None
    assert failure.raised.error == "ValueError"
    assert failure.raised.code == "return x * wide"
    assert "test_explained_failures.py, line" in failure.found
    assert "in forward: return x * wide" in failure.found


def test_a_module_beside_the_component_s_is_its_own_too() -> None:
    (failure,) = check(IsHelpedBadly).failures
    assert "helping.py, line" in failure.found
    assert "in doubled" in failure.found


def test_what_layerkit_wraps_is_the_component_s_own_too() -> None:
    (failure,) = check(SortsTheOrder).failures
    assert "datasets_gather.py" in failure.found
    assert "in batch: rows.sort()" in failure.found


def test_an_error_that_a_check_reckoned_with_names_the_line_too() -> None:
    (failure,) = check(MutatesInput).failures
    assert "in forward: x *= self.factor" in failure.found


def test_a_refused_shape_leads_to_the_option_that_says_which_shapes_a_layer_takes() -> None:
    (failure,) = check(RefusesEverything).failures
    assert "takes images alone" in failure.found
    assert "input_shapes" in failure.cause


@pytest.mark.parametrize(
    ("component", "told"), [(GlobalGenerator, "global-generators-untouched"), (OwnGenerator, "same-seed-same-result")]
)
def test_numbers_that_are_others_each_time_are_told_once(component: type, told: str) -> None:
    assert failed(check(component)) == [told]


def test_what_is_read_from_memory_is_told_as_that_and_not_as_random() -> None:
    assert failed(check(StaleScratch)) == ["scratch-reused"]


def test_two_faults_are_two_failures() -> None:
    assert failed(check(NeitherSoundNorDocumented)) == ["documented", "input-gradient"]


def test_what_a_foundation_explains_is_a_note() -> None:
    report = check(Forgotten)
    assert failed(report) == ["keeps-nothing-on-itself"]
    assert notes(report)["input-gradient"] == "keeps-nothing-on-itself fails, and this would say nothing new"
    assert "input-gradient" not in report.ran


def test_a_known_failure_of_a_foundation_hides_nothing() -> None:
    report = check(Forgotten, expected_failures={"keeps-nothing-on-itself": "to be mended"})
    assert [note.check for note in report.expected] == ["keeps-nothing-on-itself"]
    assert "input-gradient" in failed(report)


def test_a_waived_foundation_hides_nothing() -> None:
    assert "input-gradient" in failed(check(Forgotten, waived={"keeps-nothing-on-itself": "it is a cache"}))


def test_an_expected_failure_counts_as_one_though_another_check_would_tell_it() -> None:
    reasons = {"global-generators-untouched": "to be mended", "same-seed-same-result": "the same"}
    report = check(GlobalGenerator, checks=list(reasons), expected_failures=reasons)
    assert {note.check for note in report.expected} == set(reasons)


def passes(subject: Subject) -> None:
    """Is never run here."""


def named(name: str, *tellers: str, base: bool = False) -> Check:
    def run(subject: Subject) -> None:
        passes(subject)

    run.__name__ = name
    (made,) = suite(foundation(told_by(*tellers)(run)) if base else told_by(*tellers)(run))
    return made


def reasons_for(checks: list[Check], failing: str, known: str = "") -> dict[str, str]:
    """Which of the failing checks each one that is hidden is hidden by."""
    failures = {name: Failure(name, "found", "expected", "cause") for name in failing}
    found = explained(failures, checks, known)
    return {name: reason.split()[0] for name, reason in found.items()}


@pytest.mark.parametrize(
    ("checks", "failing", "wanted"),
    [
        ([named("a"), named("b", "a")], "ab", {"b": "a"}),
        ([named("a"), named("b", "a")], "b", {}),
        # also by a check that stands later
        ([named("a", "b"), named("b")], "ab", {"a": "b"}),
        # the one that is left is named, not one that is hidden itself
        ([named("a"), named("b", "a"), named("c", "b")], "abc", {"b": "a", "c": "a"}),
        ([named("a"), named("b", base=True), named("c")], "abc", {"c": "b"}),
        # what tells a foundation is not hidden by it, and tells what it would have told
        ([named("a", "c", base=True), named("b"), named("c")], "abc", {"a": "c", "b": "c"}),
        ([named("a", base=True), named("b", base=True)], "ab", {}),
    ],
)
def test_what_explains_what(checks: list[Check], failing: str, wanted: dict[str, str]) -> None:
    assert reasons_for(checks, failing) == wanted


def test_a_foundation_that_an_error_stopped_has_found_nothing_out() -> None:
    checks = [named("a", base=True), named("b")]
    stopped = Failure("a", "ValueError", NO_ERROR, "cause")
    assert explained({"a": stopped, "b": Failure("b", "found", "expected", "cause")}, checks, ()) == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.base], ids=lambda kind: kind.name)
def test_no_two_checks_explain_each_other(kind: Kind) -> None:
    graph: dict[str, Any] = {each.name: each.told_by for each in checks_of(kind)}
    assert tuple(TopologicalSorter(graph).static_order())


def test_every_check_that_tells_exists() -> None:
    names = {each.name for kind in KINDS.values() if kind.base for each in checks_of(kind)}
    tellers = {name for kind in KINDS.values() if kind.base for each in checks_of(kind) for name in each.told_by}
    assert tellers <= names


def test_a_second_fault_is_told_when_the_first_is_mended() -> None:
    assert failed(check(WrongSign, checks=["input-gradient"])) == ["input-gradient"]
