"""The kit catches what it is there for: each component of the gallery has one bug, and one check is meant for it."""

from __future__ import annotations

import importlib
from collections import Counter

import pytest

from layerkit import Dense, Tanh
from layerkit.registry.kinds import KINDS, kind_of
from layerkit.testing import check
from tests.testing.gallery import (
    argument_ends,
    arguments_assigned,
    callbacks_of_runs,
    costs_answers,
    costs_lines,
    datasets_epochs,
    datasets_splits,
    layers_any_mask,
    layers_anywhere,
    layers_declared,
    layers_fans,
    layers_lengths,
    layers_tables,
    layers_zeros,
    metrics_alike,
    parts_now_and_then,
    sound,
    told,
    updates_counted,
    updates_shapes,
    updates_steady,
    updates_zeros,
)
from tests.testing.gallery.bug import Bug
from tests.testing.gallery.callbacks import Best
from tests.testing.gallery.layers_parts import Around
from tests.testing.gallery.layers_sizes import Times
from tests.testing.gallery.numbers import HALVING, VARIANCE, Distance, Halving, Lecun
from tests.testing.gallery.optimizers import Halve

FILES = (
    "activations",
    "activations_declared",
    "argument_ends",
    "callbacks",
    "callbacks_of_runs",
    "callbacks_watching",
    "connecting",
    "containers",
    "costs",
    "costs_answers",
    "costs_lines",
    "costs_places",
    "datasets",
    "datasets_epochs",
    "datasets_gather",
    "datasets_read_anew",
    "datasets_splits",
    "described",
    "engines",
    "layers_adaptation",
    "layers_any_mask",
    "layers_anywhere",
    "layers_arrays",
    "arguments_assigned",
    "layers_declared",
    "layers_fans",
    "layers_frozen",
    "layers_lengths",
    "layers_far",
    "layers_gradients",
    "layers_masked",
    "layers_parts",
    "layers_passes",
    "layers_places",
    "layers_points",
    "layers_raising",
    "layers_shapes",
    "layers_sizes",
    "layers_stale",
    "layers_tables",
    "layers_zeros",
    "masks",
    "metrics",
    "metrics_alike",
    "metrics_values",
    "numbers",
    "optimizers",
    "parts_now_and_then",
    "rates_and_draws",
    "readouts",
    "recording",
    "seldom",
    "seldom_met",
    "shared_caches",
    "side_effects",
    "told",
    "updates_counted",
    "updates_late",
    "updates_places",
    "updates_shapes",
    "updates_steady",
    "updates_thawed",
    "updates_zeros",
)
BUGS: list[Bug] = [bug for file in FILES for bug in importlib.import_module(f"tests.testing.gallery.{file}").BUGS]


@pytest.mark.parametrize("bug", BUGS, ids=str)
def test_a_bug_is_caught_by_the_check_that_is_meant_for_it(bug: Bug) -> None:
    # alone, since another check's failure may explain this one
    (failure,) = bug.report(checks=[bug.check]).failures
    assert failure.check == bug.check, str(failure)
    assert bug.word in str(failure)


@pytest.mark.parametrize(
    ("component", "options"),
    [
        (sound.Scale, {}),
        (sound.Affine, {"input_shapes": [(4,)]}),
        (sound.Drop, {}),
        (sound.Centre, {}),
        (sound.Offset, {}),
        (sound.Bend, {}),
        (sound.Squares, {}),
        (sound.Momentum, {"reference": sound.momentum_reference}),
        (Halve, {"reference": lambda parameters, gradient, rate: (0.5 * gradient, parameters)}),
        (Halving, {"reference": HALVING}),
        (Lecun, VARIANCE),
        (Distance, {}),
        (Best, {}),
        (Best, {"arguments": {"patience": 1}}),
        (Around, {"arguments": {"inner": Dense(3, activation=Tanh())}}),
        (Times, {"input_shapes": [(3, 2), (None, 4)]}),
        *((component, file.SEQUENCES) for file in (layers_any_mask, layers_lengths) for component in file.SOUND),
        *layers_declared.SOUND,
        *argument_ends.SOUND,
        *callbacks_of_runs.SOUND,
        *parts_now_and_then.SOUND,
        *costs_answers.SOUND,
        *costs_lines.SOUND,
        *layers_anywhere.SOUND,
        *updates_counted.SOUND,
        *datasets_epochs.SOUND,
        *datasets_splits.SOUND,
        *metrics_alike.SOUND,
        *updates_shapes.SOUND,
        *updates_steady.SOUND,
        *layers_tables.SOUND,
        *layers_zeros.SOUND,
        *arguments_assigned.SOUND,
        *layers_fans.SOUND,
        *told.SOUND,
        *updates_zeros.SOUND,
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_without_the_bug_every_check_passes(component: type, options: dict[str, object]) -> None:
    report = check(component, **options)
    assert report.ok, str(report)


def test_the_gallery_is_large_and_covers_every_kind() -> None:
    kinds = Counter(kind_of(bug.component) for bug in BUGS)
    assert len({bug.component for bug in BUGS}) >= 40
    assert kinds.keys() >= {kind for kind in KINDS.values() if kind.base is not None}
