"""ROC and precision–recall: on 60 random cases, with ties and weights, the points are scikit-learn's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerkit.errors import DataError
from layerkit.plots import precision_recall_curve, roc_curve

pytestmark = pytest.mark.extra
reference = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")


def case(seed: int) -> tuple[Any, Any, Any]:
    """Targets with both classes, scores of which many are equal, and weights, some of them 0."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 40))
    targets = rng.integers(0, 2, count)
    targets[:2] = 0, 1
    scores = rng.integers(0, int(rng.integers(2, 30)), count) / 7
    weights = rng.integers(0, 3, count) * rng.random(count) if seed % 2 else None
    if weights is not None:
        weights[:2] = 0.5, 0.7
    return targets, scores, weights


def line(ax: Any) -> Any:
    [found] = [line for line in ax.lines if line.get_gid().startswith("curve-")]
    return found


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_the_points_are_scikit_learn_s(first: int) -> None:
    for seed in range(first, first + 20):
        targets, scores, weights = case(seed)
        alarms, found, _ = reference.roc_curve(targets, scores, sample_weight=weights, drop_intermediate=False)
        drawn = line(roc_curve(targets, scores, weights=weights))
        np.testing.assert_allclose(drawn.get_xdata(), alarms, atol=1e-12)
        np.testing.assert_allclose(drawn.get_ydata(), found, atol=1e-12)
        area = reference.roc_auc_score(targets, scores, sample_weight=weights)
        assert drawn.get_label() == f"area {area:.3g}"
        precision, recall, _ = reference.precision_recall_curve(targets, scores, sample_weight=weights)
        drawn = line(precision_recall_curve(targets, scores, weights=weights))
        np.testing.assert_allclose(drawn.get_xdata(), recall[::-1], atol=1e-12)
        np.testing.assert_allclose(drawn.get_ydata(), precision[::-1], atol=1e-12)
        average = reference.average_precision_score(targets, scores, sample_weight=weights)
        assert drawn.get_label() == f"average precision {average:.3g}"


def test_each_of_several_classes_has_a_line_against_the_rest() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((60, 3))
    targets = np.arange(60) % 3
    ax = roc_curve(targets, scores, classes=["ant", "bee", "cow"])
    lines = [line for line in ax.lines if line.get_gid().startswith("curve-")]
    for place, (name, drawn) in enumerate(zip(["ant", "bee", "cow"], lines, strict=True)):
        alarms, found, _ = reference.roc_curve(targets == place, scores[:, place], drop_intermediate=False)
        np.testing.assert_allclose(drawn.get_xdata(), alarms)
        np.testing.assert_allclose(drawn.get_ydata(), found)
        assert drawn.get_label().startswith(f"{name}: area ")
    assert len({drawn.get_linestyle() for drawn in lines}) == 3


def test_two_outputs_are_the_second_of_them_and_one_hot_rows_are_labels() -> None:
    targets, scores, _ = case(3)
    alone = line(roc_curve(targets, scores)).get_ydata()
    both = np.stack([-scores, scores], axis=1)
    np.testing.assert_array_equal(line(roc_curve(np.eye(2)[targets], both)).get_ydata(), alone)
    np.testing.assert_array_equal(line(roc_curve(targets[:, None], scores[:, None])).get_ydata(), alone)


def test_a_second_model_is_drawn_beside_the_first() -> None:
    targets, scores, _ = case(3)
    ax = roc_curve(targets, scores, name="one")
    assert roc_curve(targets, -scores, name="other", ax=ax) is ax
    first, second = (line for line in ax.lines if line.get_gid().startswith("curve-"))
    assert first.get_linestyle() != second.get_linestyle()
    assert [text.get_text().partition(":")[0] for text in ax.get_legend().get_texts()] == ["one", "other"]
    assert sum(line.get_gid() == "chance" for line in ax.lines) == 1


@pytest.mark.parametrize(
    ("targets", "scores", "weights", "message"),
    [
        ([1, 1], [0.1, 0.2], None, "only positives"),
        ([0, 1], [0.1, 0.2], [1.0, 0.0], "only negatives"),
        ([0, 2], [0.1, 0.2], None, "targets must be 0 or 1"),
        ([0, 1], [0.1, np.nan], None, "row 1 is not"),
        ([], [], None, "at least one"),
        ([0, 1, 1], [0.1, 0.2], None, "neither as classes nor as rows"),
        ([0, 1], [0.1, 0.2], [1.0], "one an example"),
        ([0, 1], [0.1, 0.2], [1.0, -1.0], "at least 0"),
        (["a", "b"], [0.1, 0.2], None, "class numbers"),
    ],
)
@pytest.mark.parametrize("curve", [roc_curve, precision_recall_curve])
def test_what_cannot_be_drawn_is_told(curve: Any, targets: Any, scores: Any, weights: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        curve(targets, scores, weights=weights)
