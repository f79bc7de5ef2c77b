"""The sections that reports of runs and of models share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from layerkit.callbacks.progress_display import shown
from layerkit.data.examples import Examples
from layerkit.errors import LayerkitError
from layerkit.experiments.classification import Classification
from layerkit.files.environment import environment
from layerkit.metrics.confusion import Confusion
from layerkit.models.model import Model
from layerkit.plots import confusion_matrix, most_wrong
from layerkit.reports.sections import Cell, Code, Facts, Part, Section, Table, share
from layerkit.reports.svg import picture
from layerkit.shapes import is_many, with_batch
from layerkit.types import Array

_WORST = 50
_SHOWN = 12
_LOOKED_AT = 256
_FEATURES = 12
_DRAWN_CLASSES = 40


def figures_of(measured: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The measures that are one number, as a person reads them."""
    return [
        (name.replace("_", " "), share(value).text if name.endswith("accuracy") else f"{value:.4g}")
        for name, value in measured.items()
        if isinstance(value, (int, float))
    ]


def confusion_section(confusion: Confusion | None) -> Section:
    """A picture of what is taken for what, and how right each class is."""
    section = Section("What is taken for what")
    if confusion is None or not confusion.counts.size:
        return section
    count = len(confusion.classes)
    if count <= _DRAWN_CLASSES:
        side = 1.7 + 0.25 * min(count, 14)
        named = Confusion(confusion.counts, [_short(name) for name in confusion.classes])
        section.parts.append(
            picture(
                partial(confusion_matrix, named),
                "A row for each true class, a column for what it was taken for.",
                name="confusion",
                size=(side, side),
            )
        )
    section.parts.append(_rates(confusion))
    return section


def _rates(confusion: Confusion) -> Table:
    counts = confusion.counts.astype(np.float64)
    if confusion.multi_label:
        found, missed, alarms = counts[:, 1, 1], counts[:, 1, 0], counts[:, 0, 1]
    else:
        found = counts.diagonal()
        missed, alarms = counts.sum(axis=1) - found, counts.sum(axis=0) - found
    rows = []
    for place, name in enumerate(confusion.classes):
        there, told = found[place] + missed[place], found[place] + alarms[place]
        rows.append(
            [
                name,
                _whole(there),
                share(float(found[place] / there)) if there else None,
                share(float(found[place] / told)) if told else None,
            ]
        )
    return Table(("class", "examples", "found (recall)", "right when told (precision)"), rows)


def worst_section(model: Model, examples: Any, classification: Classification | None) -> Section:
    """The examples that the model gets most wrong: images as pictures, others with their features."""
    section = Section("The worst examples")
    if not isinstance(examples, Examples) or isinstance(examples.x, tuple) or not len(examples):
        return section
    if classification is not None:
        wrong = classification.mistakes[:_WORST]
        count = len(classification.mistakes)
        section.parts.append(
            f"{count:,} of {len(classification.labels):,} are wrong; those first of which the model is most certain."
        )
        if not count:
            return section
        section.parts.extend(_pictured(model, examples, classification))
        names = classification.classes
        rows = [
            [
                int(row),
                names[classification.labels[row]],
                names[classification.predicted[row]],
                share(float(classification.certainty[row])),
            ]
            for row in wrong
        ]
        section.parts.append(_with_features(("row", "is", "taken for", "certainty"), rows, examples, wrong))
        return section
    errors = _errors(model, examples)
    if errors is None:
        return section
    target, prediction = errors
    distance = np.abs(prediction - target)
    worst = np.argsort(-distance, kind="stable")[:_WORST]
    section.parts.append("Those first whose prediction is farthest from the target.")
    rows = [[int(row), float(target[row]), float(prediction[row]), float(distance[row])] for row in worst]
    section.parts.append(_with_features(("row", "target", "prediction", "error"), rows, examples, worst))
    return section


def _pictured(model: Model, examples: Examples, classification: Classification) -> list[Part]:
    drawn = len(examples.x.shape) in (3, 4) or (examples.x.ndim == 2 and len(model.input_shape) in (2, 3))
    if not drawn:
        return []
    rows = -(-min(len(classification.mistakes), _SHOWN) // 4)
    names = [_short(name, 9) for name in classification.classes]

    def draw(ax: Any) -> None:
        most_wrong(model, examples, count=_SHOWN, columns=4, classes=names, ax=ax)
        # the page says it above the picture
        ax.set_title("")
        for caption in ax.texts:
            caption.set_fontsize(9)

    try:
        return [
            picture(
                draw,
                "Above each image its true class, what it was taken for, and how certain the model is.",
                name="worst",
                size=(5.6, 0.2 + 1.75 * rows),
            )
        ]
    except LayerkitError:
        # what has three axes need not be an image: then the table alone tells
        return []


def _with_features(titles: tuple[str, ...], rows: list[list[Any]], examples: Examples, chosen: Array) -> Table:
    """The rows with the features of their examples, where these are few."""
    x = examples.x
    if x.ndim != 2 or x.shape[1] > _FEATURES:
        return Table(titles, rows)
    names = examples.names or tuple(f"x{place}" for place in range(x.shape[1]))
    return Table((*titles, *names), [[*row, *map(float, x[place])] for row, place in zip(rows, chosen, strict=True)])


def _errors(model: Model, examples: Examples) -> tuple[Array, Array] | None:
    """Targets and predictions ``(n,)`` of a model of one number; None of others."""
    if examples.y is None or model.output_shape != (1,) or examples.y.dtype.kind not in "fiu":
        return None
    if examples.y.size != len(examples):
        return None
    return examples.y.reshape(-1).astype(np.float64), model.predict(examples.x, mask=examples.mask)[:, 0].astype(
        np.float64
    )


def layers_section(model: Model, examples: Any) -> Section:
    """Each layer with its size, and what it puts out for some rows."""
    outputs: Mapping[str, Array] = {}
    told = ""
    if isinstance(examples, Examples) and not isinstance(examples.x, tuple) and len(examples):
        rows = min(len(examples), _LOOKED_AT)
        try:
            outputs = model.outputs(examples.x[:rows], mask=None if examples.mask is None else examples.mask[:rows])
            told = f"Outputs are those for the first {rows:,} rows of the test data."
        except LayerkitError:
            outputs = {}
    rows_of_table = []
    for node in model.structure.node.walk():
        if node.parts and not node.path:
            continue
        own = [model.parameters[node.join(name)] for name in node.parameters] if node.first else []
        values = np.concatenate([each.ravel() for each in own]).astype(np.float64) if own else np.zeros(0)
        output = outputs.get(node.path)
        if output is not None and (output.dtype.kind != "f" or not output.size):
            output = None
        rows_of_table.append(
            [
                node.path or "-",
                type(node.layer).__name__ + (" (frozen)" if node.layer.frozen else ""),
                with_batch(node.output_shape) if not is_many(node.output_shape) else str(node.output_shape),
                sum(each.size for each in own),
                float(np.sqrt(np.mean(values**2))) if values.size else None,
                float(np.abs(values).max()) if values.size else None,
                None if output is None else float(output.mean(dtype=np.float64)),
                None if output is None else float(output.std(dtype=np.float64)),
                None if output is None else share(float(np.mean(output == 0))),
            ]
        )
    titles = (
        "path",
        "layer",
        "output shape",
        "parameters",
        "parameters, root mean square",
        "largest parameter",
        "output, mean",
        "output, deviation",
        "output, zeros",
    )
    return Section("The layers", [*([told] if told else []), Table(titles, rows_of_table)])


def repeat_section(
    *, command: str, toml: str | None, model: Model, versions: Mapping[str, str], file_digest: str = ""
) -> Section:
    """How to come to the same result: command, experiment, versions and what they gave."""
    parts: list[Part] = []
    if command:
        parts.append(Code(command, "The command"))
    if toml:
        parts.append(Code(toml, "The experiment, every argument written out: a file that `layerkit run` takes"))
    told = {name: str(value) for name, value in {**environment(), **versions}.items() if value != ""}
    digests = [("values of the model", f"sha256:{values_digest(model)}")]
    if file_digest:
        digests.append(("the model's file", f"sha256:{file_digest}"))
    parts.append(Facts([*told.items(), *digests]))
    return Section("How to repeat it", parts)


def values_digest(model: Model) -> str:
    """SHA-256 of all values of a model, by their paths: the same for the same bits."""
    found = hashlib.sha256()
    for values in (model.parameters, model.states):
        for path in sorted(values):
            array = values[path]
            found.update(f"{path} {array.dtype} {array.shape}\n".encode())
            found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()


def _whole(value: float) -> int | float:
    return int(value) if value == int(value) else float(value)


def _short(name: str, length: int = 16) -> str:
    return name if len(name) <= length else f"{name[: length - 1]}…"


def as_cell(name: str, value: Any) -> Any:
    """A measure of an epoch as a cell."""
    return Cell(shown(name, value), value) if isinstance(value, float) else value
