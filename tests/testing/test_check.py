"""``check``: what it reports, and what it makes of expected failures, choices and mistakes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from layerkit import BatchNormalization, Callback, CsvLog, Dense, Dropout, ProgressDisplay, Sigmoid
from layerkit.errors import ArgumentError, MissingExtraError
from layerkit.testing import Report, cases_of, check
from tests.testing.gallery.described import NotALayer
from tests.testing.gallery.layers_gradients import WrongSign
from tests.testing.gallery.layers_passes import MutatesInput, UndeclaredCoupling
from tests.testing.gallery.sound import Scale


def failed(report: Report) -> list[str]:
    return [failure.check for failure in report.failures]


def test_a_report_says_what_ran_what_was_skipped_and_why() -> None:
    report = check(Sigmoid)
    assert report.ok
    assert {"input-gradient", "threads", "derivative-matches"} <= set(report.ran)
    skipped = {note.check: note.reason for note in report.skipped}
    assert skipped["parameter-gradients"] == "the layer has no parameters"
    assert not set(report.ran) & set(skipped)


def test_a_failure_says_what_was_found_what_was_expected_and_what_the_cause_may_be() -> None:
    report = check(WrongSign)
    failure = next(each for each in report.failures if each.check == "input-gradient")
    assert "the sign is wrong" in failure.found
    assert "derivative" in failure.expected
    assert "sign" in failure.cause
    assert all(part in str(report) for part in (failure.found, failure.expected, failure.cause))


def test_a_component_is_checked_with_its_own_arguments() -> None:
    assert check(Dense(3, use_bias=False)).ok
    assert check(Dropout(0.2)).component == "Dropout"


def test_a_target_can_be_named() -> None:
    assert check("layerkit.layers.dense:Dense", arguments={"units": 2}, checks=["batch-sizes"]).ok


@pytest.mark.parametrize("target", ["no_such_package.layers:Dense", "layerkit.layers.dense:Dence"])
def test_a_target_that_cannot_be_imported_is_a_failure(target: str) -> None:
    report = check(target)
    assert failed(report) == ["concrete-subclass"]
    assert target in str(report)


class NeedsMore(Callback):
    """Needs a package that is not installed."""

    def fit_started(self, fit: Any) -> None:
        raise MissingExtraError('it needs more: pip install "acme[more]"')


def test_where_an_extra_may_be_missing_nothing_is_checked_that_uses_it() -> None:
    report = check(NeedsMore, needs_extra=True)
    assert report.ok, str(report)
    skipped = {note.check: note.reason for note in report.skipped}
    assert skipped["calls-survived"] == skipped["runs"] == 'it needs more: pip install "acme[more]"'
    assert "documented" in report.ran
    assert "calls-survived" in failed(check(NeedsMore))


def test_an_expected_failure_does_not_count() -> None:
    reasons = {"rows-independent": "rows are mixed on purpose", "batch-gradient-is-sum": "so gradients are too"}
    options: dict[str, Any] = {"checks": ["rows-independent", "documented"]}
    report = check(UndeclaredCoupling, **options, expected_failures={"rows-independent": reasons["rows-independent"]})
    assert report.ok
    assert [(note.check, note.reason) for note in report.expected] == [
        ("rows-independent", "rows are mixed on purpose")
    ]


def test_an_expected_failure_that_passes_is_a_failure() -> None:
    report = check(Scale, expected_failures={"batch-sizes": "not yet"})
    assert failed(report) == ["batch-sizes"]
    assert "take the check out of expected_failures" in str(report)


def test_an_expected_failure_that_does_not_apply_is_a_failure() -> None:
    assert failed(check(Sigmoid, expected_failures={"parameter-gradients": "not yet"})) == ["parameter-gradients"]


@pytest.mark.parametrize("reason", ["", "  ", None])
def test_an_expected_failure_needs_a_reason(reason: str | None) -> None:
    with pytest.raises(ArgumentError, match="needs a reason"):
        check(Scale, expected_failures={"batch-sizes": reason})


def test_a_waived_check_does_not_run_and_is_listed_with_its_reason() -> None:
    report = check(UndeclaredCoupling, waived={"rows-independent": "rows are mixed on purpose"})
    assert "rows-independent" not in report.ran
    assert "rows-independent" not in failed(report)
    assert [(note.check, note.reason) for note in report.waived] == [("rows-independent", "rows are mixed on purpose")]
    assert "1 waived" in str(report)
    assert "rows-independent: waived: rows are mixed on purpose" in str(report)


def test_a_report_in_which_everything_is_waived_is_not_ok() -> None:
    report = check(Scale, checks=["threads"], waived={"threads": "why not"})
    assert not report.ok
    assert "no check ran" in str(report)


@pytest.mark.parametrize("reason", ["", "  ", None, 3])
def test_a_waiver_needs_a_reason(reason: Any) -> None:
    with pytest.raises(ArgumentError, match="waived: 'threads' needs a reason"):
        check(Scale, waived={"threads": reason})


@pytest.mark.parametrize("gate", ["concrete-subclass", "takes-its-arguments"])
def test_what_everything_stands_on_cannot_be_waived(gate: str) -> None:
    with pytest.raises(ArgumentError, match=f"'{gate}' cannot be waived"):
        check(Scale, waived={gate: "why not"})


def test_a_check_is_waived_or_expected_to_fail_not_both() -> None:
    with pytest.raises(ArgumentError, match="'threads' is waived"):
        check(Scale, waived={"threads": "a"}, expected_failures={"threads": "b"})


def test_a_misspelt_check_is_answered_with_the_one_that_was_meant() -> None:
    for option in ("waived", "expected_failures"):
        with pytest.raises(ArgumentError, match="Did you mean 'threads'"):
            check(Scale, **{option: {"thread": "why"}})
    with pytest.raises(ArgumentError, match="Did you mean 'batch-sizes'"):
        check(Scale, checks=["batch_sizes"])


def test_a_report_tells_how_long_it_took() -> None:
    assert 0 < check(Scale, checks=["documented"]).seconds < 5


def test_no_check_is_a_failure() -> None:
    report = check(Scale, checks=[])
    assert not report.ok
    assert report.ran == ()
    assert "no check ran" in str(report)


def test_only_skipped_checks_are_a_failure() -> None:
    assert not check(Sigmoid, checks=["parameter-gradients"]).ok


def test_what_is_no_component_fails_once_and_the_rest_is_skipped() -> None:
    report = check(NotALayer)
    assert failed(report) == ["concrete-subclass"]
    assert report.ran == ("concrete-subclass",)
    assert len(report.skipped) > 10


def test_one_error_that_stops_many_checks_is_told_once() -> None:
    report = check(MutatesInput)
    assert failed(report)[0] == "inputs-not-mutated"
    told = [failure.found for failure in report.failures]
    assert len(set(told)) == len(told)
    assert any("the same error" in note.reason for note in report.skipped)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"shapes": [3]}, "no option 'shapes'"),
        ({"checks": ["gradient"]}, "no check 'gradient'"),
        ({"expected_failures": {"gradient": "why"}}, "no check 'gradient'"),
        ({"waived": {"gradient": "why"}}, "no check 'gradient'"),
        ({"waived": ["threads"]}, "waived must be a dictionary"),
    ],
)
def test_mistakes_in_options_are_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ArgumentError, match=told):
        check(Scale, **options)


def test_a_second_run_says_the_same() -> None:
    assert check(WrongSign) == check(WrongSign)


def test_cases_come_from_the_class() -> None:
    assert [dict(case.arguments) for case in cases_of(Scale)] == [{}]
    declared = type("Declared", (Scale,), {"conformance_cases": ({"input_shapes": [(7,)]}, {})})
    assert [tuple(case.input_shapes) for case in cases_of(declared)] == [((7,),), ()]


def test_the_arguments_that_are_given_are_left_as_they_are() -> None:
    activation = Sigmoid()
    check(Dense, arguments={"units": 2, "activation": activation}, checks=["batch-sizes"])
    assert not activation.built
    check(BatchNormalization, checks=["batch-sizes"])


def test_the_kit_needs_neither_pytest_nor_hypothesis() -> None:
    code = (
        "import sys; sys.modules['pytest'] = sys.modules['hypothesis'] = None\n"
        "from layerkit import Tanh; from layerkit.testing import check\n"
        "assert check(Tanh).ok"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


class StopsAtOnce(Callback):
    """Ends a fit after its first epoch."""

    def epoch_ended(self, fit: Any, record: dict[str, Any]) -> None:
        fit.stop("one epoch is enough")


def test_a_callback_that_ends_the_fit_early_is_not_resumed() -> None:
    report = check(StopsAtOnce)
    assert report.ok, str(report)
    reasons = {note.check: note.reason for note in report.skipped}
    assert reasons["resumed-to-the-same"] == "it ends the kit's fit before the place at which that is cut"


def test_callbacks_write_and_print_where_nobody_is_disturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert check(CsvLog, arguments={"path": "history.csv"}).ok
    assert check(ProgressDisplay).ok
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().out == ""
