"""What a person sees of an experiment, before and after training."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

from layerkit.callbacks.progress_display import shown
from layerkit.cli.image_drawing import as_images, drawn
from layerkit.config.named import name_of
from layerkit.data.examples import Examples
from layerkit.engines.automatic import Automatic
from layerkit.experiments.classification import Classification
from layerkit.experiments.engine_choice import AUTO
from layerkit.experiments.session import Session
from layerkit.interfaces.dataset import RandomAccess
from layerkit.interfaces.metric import lower_is_better
from layerkit.metrics.confusion import Confusion
from layerkit.registry.host import default_host
from layerkit.terminal import is_terminal

_WIDTH = 80
_IMAGES = 4
_NO_BREAK = "\N{NO-BREAK SPACE}"


@final
class RunReport:
    """Prints about a session; with ``quiet`` it prints nothing but an interruption."""

    def __init__(self, session: Session, *, quiet: bool) -> None:
        self._session = session
        self._quiet = quiet
        self._width = min(shutil.get_terminal_size((_WIDTH, 24)).columns, _WIDTH) if is_terminal(sys.stdout) else _WIDTH

    @property
    def columns(self) -> dict[str, str]:
        """The measures to show for each epoch, each with its title."""
        names = [metric.name for metric in self._session.experiment.metrics if metric.in_history]
        # without a metric, the cost on the test data is what there is
        measures = names or ["cost"]
        parts = {"training_": "training", "validation_": "test" if self._session.validation is None else "validation"}
        titles = {
            f"{part}{name}": f"{told} {name.replace('_', ' ')}" for part, told in parts.items() for name in measures
        }
        if not self._session.experiment.training_metrics:
            titles = {name: title for name, title in titles.items() if not name.startswith("training_")}
        return {"epoch": "epoch", "cost": "cost", **titles, "seconds": "seconds"}

    def begin(self, notes: Sequence[str]) -> None:
        """Say what will be trained, on what and how."""
        if self._quiet:
            return
        session = self._session
        experiment = session.experiment
        network = " → ".join(_described(layer) for layer in experiment.layers)
        count = session.model.structure.parameters.size
        chosen = session.trainer.engine
        engine = AUTO if isinstance(chosen, Automatic) else name_of(chosen, default_host())
        rows = {
            "data": self._data(),
            "network": network,
            "": f"{count:,} parameters, {experiment.dtype}",
            "cost": repr(experiment.cost).removesuffix("()"),
            "optimizer": repr(experiment.optimizer),
            "training": f"{_epochs(experiment.epochs)}, batches of {experiment.batch_size}, seed {experiment.seed}, "
            f"engine {engine}{_weighted(experiment.class_weights)}"
            + ", standardised targets"
            * experiment.standardize_targets,
        }
        if experiment.callbacks:
            rows["callbacks"] = ", ".join(map(repr, experiment.callbacks))
        print(experiment.name)
        for name, value in rows.items():
            for place, line in enumerate(_wrapped(value, self._width - 13)):
                print(f"  {'' if place else name:<9}  {line}")
        for note in notes:
            print(f"  note: {note}")
        print()

    def interrupted(self, measured: Mapping[str, float]) -> None:
        """Say in one line where training ended, and how good the model is so far."""
        trainer = self._session.trainer
        done = len(trainer.history)
        figures = ", ".join(_figure(name, value) for name, value in measured.items() if name != "test_cost")
        so_far = f" So far: {figures}." if figures else ""
        print(f"Interrupted after {done} of {_epochs(self._session.experiment.epochs)}.{so_far}", file=sys.stderr)

    def end(
        self,
        measured: Mapping[str, Any],
        classification: Classification | None,
        *,
        findings: Sequence[Mapping[str, Any]],
        promised: bool,
    ) -> None:
        """Say how good the model is, and what it mistakes for what."""
        if self._quiet:
            return
        if classification is not None:
            print()
            print("\n".join(classification.confusion.lines(self._width)))
            self._draw_mistakes(classification)
        tables = {name: value for name, value in measured.items() if not isinstance(value, (int, float))}
        for name, table in tables.items():
            if classification is None or not isinstance(table, Confusion):
                print(f"\n{name.replace('_', ' ')}\n{table}")
        print()
        seconds = sum(record["seconds"] for record in self._session.records())
        figures = ", ".join(_figure(name, value) for name, value in measured.items() if name not in tables)
        print(f"{figures}; {seconds:.2f} s of training" if figures else f"{seconds:.2f} s of training")
        if self._session.history.stop_reason is not None:
            print(f"stopped: {self._session.history.stop_reason}")
        for finding in findings:
            print(f"diagnosis: {finding['name']} in {finding['layer']}, after epoch {finding['epoch']}")
        chosen = self._session.engine
        if chosen is not self._session.trainer.engine:
            print(f"engine: {name_of(chosen, default_host())} (chosen by auto)")
        # an engine that compiles says how long that took, beside the training itself
        if chosen.compile_seconds > 1:
            print(f"compiled in {chosen.compile_seconds:.1f} s, once: the next run takes what is kept")
        target = self._session.experiment.target
        if promised and target and not self._session.experiment.missed(measured):
            told = " and ".join(
                f"{_figure(name, wanted, 'at most' if lower_is_better(name) else 'at least')}"
                for name, wanted in target.items()
            )
            print(f"target reached: {told}")

    def saved(self, path: Path | None) -> None:
        """Say where the model is, if it was kept."""
        if path is not None and not self._quiet:
            print(f"saved: {path}")

    def _data(self) -> str:
        session = self._session
        parts = []
        sources = (session.train, "training"), (session.validation, "validation"), (session.test, "test")
        for source, kind in sources:
            if isinstance(source, RandomAccess):
                parts.append(f"{len(source):,} {kind}")
        counts = f": {', '.join(parts[:-1])}{' and ' if parts[1:] else ''}{parts[-1]} examples" if parts else ""
        name = name_of(session.experiment.dataset, default_host())
        return f"{name}{counts} of {_sides(session.model.input_shape)}"

    def _draw_mistakes(self, classification: Classification) -> None:
        test = self._session.test
        mistakes = classification.mistakes
        images = as_images(test.x[mistakes[:_IMAGES]]) if isinstance(test, Examples) and len(mistakes) else None
        if images is None:
            return
        names = classification.classes
        captions = [
            f"{names[classification.labels[row]]} taken for {names[classification.predicted[row]]}"
            for row in mistakes[:_IMAGES].tolist()
        ]
        print(f"\n{len(mistakes):,} of {len(classification.labels):,} are wrong. Most certain, and wrong:\n")
        plain = not _has_blocks()
        print("\n".join(drawn(images, captions, width=self._width, plain=plain)))


def _described(layer: Any) -> str:
    return repr(layer).replace("()", "").replace(" ", _NO_BREAK)


def _weighted(class_weights: Any) -> str:
    if class_weights is None or isinstance(class_weights, str):
        return "" if class_weights is None else f", class weights {class_weights}"
    return f", class weights {', '.join(f'{name}: {weight:g}' for name, weight in class_weights.items())}"


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'' if count == 1 else 's'}"


def _sides(shape: Any) -> str:
    if any(isinstance(side, tuple) for side in shape):
        return " and ".join(map(_sides, shape))
    return "×".join("any" if side is None else str(side) for side in shape) or "1"


def _figure(name: str, value: float, relation: str = "") -> str:
    return " ".join(filter(None, (name.replace("_", " "), relation, shown(name, float(value)))))


def _wrapped(text: str, width: int) -> list[str]:
    import textwrap

    lines = textwrap.wrap(text, max(width, 20), break_on_hyphens=False, break_long_words=False)
    return [line.replace(_NO_BREAK, " ") for line in lines]


def _has_blocks() -> bool:
    try:
        "▀▄█░▒▓".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True
