"""The report of an experiment that was run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from layerkit.callbacks.learning_rate_log import LearningRateLog
from layerkit.config.named import name_of
from layerkit.diagnosis.layer_statistics import LayerStatistics
from layerkit.experiments.classification import classify
from layerkit.experiments.experiment_file import settings_of
from layerkit.experiments.session import Session
from layerkit.interfaces.dataset import RandomAccess
from layerkit.metrics.confusion import Confusion
from layerkit.plots import distributions, learning_curves
from layerkit.registry.host import default_host
from layerkit.reports.parts import (
    as_cell,
    confusion_section,
    figures_of,
    layers_section,
    repeat_section,
    worst_section,
)
from layerkit.reports.report import Report, require_report
from layerkit.reports.sections import Facts, Notice, Section, Table
from layerkit.reports.svg import picture

_MOST_EPOCHS = 2000
_MOST_CURVES = 6


def report_of_session(
    session: Session,
    measured: Mapping[str, Any] | None = None,
    *,
    findings: Sequence[Mapping[str, Any]] | None = None,
    versions: Mapping[str, str] | None = None,
    command: str = "",
    interrupted: bool = False,
) -> Report:
    """What was run and how to repeat it, its curves, what is taken for what, the worst examples and the layers.

    Args:
        session: after ``fit``.
        measured: on the test data, as ``session.measure()`` gives it, which is called if this is left out.
        findings: those of ``Diagnosis``; None where it did not look.
        versions: of what was used beside layerkit and NumPy.
        command: by which the same can be had again.
        interrupted: whether the run was ended before its time; then no data is gone through again.

    Raises:
        MissingExtraError: jinja2, matplotlib or tomlkit is not installed.
    """
    require_report()
    if measured is None:
        measured = session.measure()
    experiment, model = session.experiment, session.model
    classification = None if interrupted else classify(model, session.test, session.trainer.cost)
    confusion = None if classification is None else classification.confusion
    confusion = confusion or next((value for value in measured.values() if isinstance(value, Confusion)), None)
    seconds = sum(record["seconds"] for record in session.records())
    figures = [*figures_of(measured), ("epochs", f"{len(session.trainer.history):,}"), ("training", f"{seconds:.3g} s")]
    told = experiment.summary or _data(session)
    sections = [
        _run_section(session, interrupted, findings),
        _diagnosis_section(session, findings),
        *_curves(session),
        confusion_section(confusion),
        Section("The worst examples") if interrupted else worst_section(model, session.test, classification),
        layers_section(model, None if interrupted else session.test),
        *_watched(session),
        repeat_section(command=command, toml=toml_of(session), model=model, versions=versions or {}),
    ]
    return Report(experiment.name, told, figures=figures, sections=sections)


def toml_of(session: Session) -> str:
    """The experiment as a TOML file, every argument written out but those that are None."""
    import tomlkit

    return tomlkit.dumps(_without_none(settings_of(session.experiment)))


def _without_none(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_none(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, (list, tuple)):
        return [_without_none(inner) for inner in value]
    return value


def _run_section(session: Session, interrupted: bool, findings: Sequence[Mapping[str, Any]] | None) -> Section:
    experiment, host = session.experiment, default_host()
    rows = [
        ("data", _data(session)),
        ("network", " → ".join(repr(layer).removesuffix("()") for layer in experiment.layers)),
        ("parameters", f"{session.model.structure.parameters.size:,}, {experiment.dtype}"),
        ("cost", repr(experiment.cost)),
        ("optimizer", repr(experiment.optimizer)),
        (
            "training",
            f"{experiment.epochs:,} epochs, batches of {experiment.batch_size}, seed {experiment.seed}, engine "
            f"{name_of(session.engine, host)}",
        ),
    ]
    for name, several in (("transforms", experiment.transforms), ("callbacks", experiment.callbacks)):
        if several:
            rows.append((name, ", ".join(map(repr, several))))
    if session.history.stop_reason is not None:
        rows.append(("stopped", session.history.stop_reason))
    records = session.records()
    last = records[-1] if records else {}
    measured = all(name in last for name in experiment.target)
    if findings == [] and not session.trainer.warned:
        nothing = "nothing was found that keeps the network from learning"
        # what is left is no fault of a part: too little training, or choices that a search makes better
        more = "; the target was missed all the same: train for longer, or let `layerkit tune` choose"
        rows.append(("diagnosis", nothing + (more if measured and experiment.missed(last) else "")))
    if interrupted:
        rows.append(("interrupted", f"after {len(session.trainer.history)} epochs"))
    if experiment.target:
        told = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in experiment.target.items())
        rows.append(("target", told + ("; not measured" if interrupted and experiment.missed(last) else "")))
    return Section("What was run", [Facts(rows)])


def _data(session: Session) -> str:
    name = name_of(session.experiment.dataset, default_host())
    parts = ((session.train, "training"), (session.validation, "validation"), (session.test, "test"))
    counts = [f"{len(source):,} {kind}" for source, kind in parts if isinstance(source, RandomAccess)]
    return f"{name}: {', '.join(counts)} examples" if counts else name


def _diagnosis_section(session: Session, findings: Sequence[Mapping[str, Any]] | None) -> Section:
    section = Section("What the diagnosis says")
    for finding in findings or ():
        where = f" in {finding['layer']}" if finding["layer"] else ""
        section.parts.append(Notice(f"{finding['name']}{where}, after epoch {finding['epoch']}", finding["message"]))
    warned = sorted(session.trainer.warned - {finding["name"] for finding in findings or ()})
    if warned:
        section.parts.append(f"Warned of, before or while training: {', '.join(warned)}.")
    return section


def _curves(session: Session) -> list[Section]:
    records = session.records()
    if not records:
        return []
    measures = [name for name, value in records[0].items() if isinstance(value, float) and name != "seconds"]
    section = Section("Curves")
    for place, name in enumerate(dict.fromkeys(map(_plain, measures))):
        if place < _MOST_CURVES:
            section.parts.append(
                picture(
                    partial(learning_curves, records, metric=name),
                    f"The {name.replace('_', ' ')}, epoch by epoch.",
                    name=f"curve{place}",
                    size=(4.2, 2.8),
                )
            )
    names = list(records[0])
    rows = [[as_cell(name, record.get(name)) for name in names] for record in records[-_MOST_EPOCHS:]]
    section.parts.append(Table([name.replace("_", " ") for name in names], rows))
    return [section]


def _plain(name: str) -> str:
    for part in ("training_", "validation_", "test_"):
        name = name.removeprefix(part)
    return name


def _watched(session: Session) -> list[Section]:
    """What callbacks of the experiment kept of layers and learning rates."""
    sections = []
    for place, callback in enumerate(session.callbacks):
        if isinstance(callback, LayerStatistics) and callback.records:
            section = Section("The layers while they trained")
            for of in ("outputs", "gradients"):
                layers = len([name for name in callback.records[0] if name.endswith(".mean")])
                section.parts.append(
                    picture(
                        partial(distributions, callback, of=of),
                        f"How the {of} of each layer are spread, over the steps.",
                        name=f"layers{place}-{of}",
                        size=(5.0, 1.0 + 0.9 * min(max(layers, 1), 24)),
                    )
                )
            sections.append(section)
        elif isinstance(callback, LearningRateLog) and callback.records:
            titles = ("epoch", "step", "learning rate")
            rows = [[record["epoch"], record["step"], record["learning_rate"]] for record in callback.records]
            sections.append(Section("The learning rate", [Table(titles, rows[-_MOST_EPOCHS:])]))
    return sections
