"""The report of a trained model on data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerkit.experiments.classification import classify
from layerkit.interfaces.cost import Cost
from layerkit.metrics.confusion import Confusion
from layerkit.models.model import Model
from layerkit.reports.parts import confusion_section, figures_of, layers_section, repeat_section, worst_section
from layerkit.reports.report import Report, require_report
from layerkit.reports.sections import Facts, Section


def report_of_model(
    model: Model,
    data: Any,
    measured: Mapping[str, Any],
    *,
    cost: Cost,
    title: str = "A model",
    facts: Mapping[str, str] | None = None,
    command: str = "",
    versions: Mapping[str, str] | None = None,
    digest: str = "",
) -> Report:
    """How good a model is on data: what is taken for what, the worst examples, and its layers.

    Args:
        model: with values.
        data: ``Examples`` with targets, or what else was measured on, of which no example is shown then.
        measured: what ``evaluate`` gave.
        cost: with which the model was measured.
        title: of the page.
        facts: names with what they are, to be told.
        command: by which the same can be had again.
        versions: of what was used beside layerkit and NumPy.
        digest: SHA-256 of the model's file.

    Raises:
        MissingExtraError: jinja2, matplotlib or tomlkit is not installed.
    """
    require_report()
    classification = classify(model, data, cost)
    confusion = None if classification is None else classification.confusion
    confusion = confusion or next((value for value in measured.values() if isinstance(value, Confusion)), None)
    rows = [
        *(facts or {}).items(),
        ("parameters", f"{model.structure.parameters.size:,}, {model.dtype}"),
        ("cost", repr(cost)),
    ]
    sections = [
        Section("What was measured", [Facts(rows)]),
        confusion_section(confusion),
        worst_section(model, data, classification),
        layers_section(model, data),
        repeat_section(command=command, toml=None, model=model, versions=versions or {}, file_digest=digest),
    ]
    return Report(title, "", figures=figures_of(measured), sections=sections)
