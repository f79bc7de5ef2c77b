"""Fits of other kinds that a callback may come to: on a stream, without validation data, with weights of 0."""

from __future__ import annotations

from layerkit.errors import LayerkitError
from layerkit.testing.rigs.watched_fit import fit, fit_stream, fit_weightless, new_trainer
from layerkit.testing.subject import Subject
from layerkit.testing.suite import told_by
from layerkit.testing.verdicts import Unmet


@told_by("calls-survived", "errors-pass")
def fits_a_stream(subject: Subject) -> None:
    """A stream, whose epochs are of unknown length, is watched like arrays, or refused with an error of layerkit's."""
    trainer = new_trainer()
    try:
        fit_stream(trainer, [subject.make()])
    except LayerkitError:
        return
    except Exception as error:
        raise Unmet(
            f"in a fit on a stream: {type(error).__name__}: {error}",
            expected="the calls of any fit, or an ArgumentError that says what is needed",
            cause="fit.batches_per_epoch is None for a stream, and fit.cost before the first example",
        ) from error


@told_by("calls-survived", "errors-pass")
def fits_without_validation(subject: Subject) -> None:
    """A fit without validation data is watched like any other, or refused with an error of layerkit's."""
    try:
        fit(new_trainer(), [subject.make()], validated=False)
    except LayerkitError:
        return
    except Exception as error:
        raise Unmet(
            f"in a fit without validation data: {type(error).__name__}: {error}",
            expected="the calls of any fit, or an ArgumentError that says what is needed, from fit_started",
            cause="what is measured on validation data stands in a record only where there is some: ask "
            "record.get(name), or refuse such a fit before its first step",
        ) from error


@told_by("calls-survived", "errors-pass")
def fits_weights_of_zero(subject: Subject) -> None:
    """A fit of which whole batches have the weight 0, so that fit.cost is None at first, is watched like any other."""
    try:
        fit_weightless(new_trainer(), [subject.make()])
    except LayerkitError:
        return
    except Exception as error:
        raise Unmet(
            f"in a fit whose first batch has weights of 0: {type(error).__name__}: {error}",
            expected="the calls of any fit, or an error of layerkit's that says what is needed",
            cause="fit.cost is None before the first example that counts, in each epoch anew",
        ) from error
