"""The callback that says why a network does not learn."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any, final

from layerkit.arguments import check_instance, check_integer, check_number, check_table
from layerkit.diagnosis.constant_output import about_constant_output
from layerkit.diagnosis.look import Look, Observer, look_from
from layerkit.diagnosis.silence import checked_silence
from layerkit.diagnosis.symptoms import Symptom, apart, far_targets, has_learnt, is_coming, strong, weak
from layerkit.diagnosis.target_scale import cure_of
from layerkit.errors import LayerkitWarning
from layerkit.interfaces.callback import Callback, FitView
from layerkit.interfaces.dataset import RandomAccess
from layerkit.steps.sample import sample

_LEAST_ROWS, _MOST_ROWS, _PART_OF_ROWS = 16, 128, 0.02
_FEWEST_LOOKS, _PART_OF_WORK, _BETWEEN_LOOKS = 4, 0.015, 1.4
_LEAST_EPOCHS, _LEAST_STEPS, _PART_OF_EPOCHS = 3, 30, 0.1
_COUNTS = {"began": 0, "first_step": 0, "next": 1, "apart": 1}
"""The counts that a state holds, and the least that each may be."""
_MOST_COUNTED = 2**53


@final
class Diagnosis(Callback):
    """Says why a network does not learn: which layer stands in the way, by how much, and what helps.

    After some epochs, the rarer the more are done, and after the last, a few rows of the training data are taken
    forward and backward with passes of its own; no bit of the training changes. What is found is given as a
    ``LayerkitWarning``, once a fit, and kept in ``findings``. What keeps a network from learning for good (saturated or
    dead units, a learning rate that is too high) is told when it is seen twice in a row and a tenth of the epochs is
    over; what may pass (a flat cost, the same prediction for all) when half of them are. Data that does not come in
    arrays is not looked at.

    Args:
        silence: names of findings that are not wanted; ``docs/diagnosis.md`` lists all.

    Raises:
        ArgumentError: ``silence`` holds something that is no name.

    >>> import warnings
    >>> import numpy as np
    >>> from layerkit import Dense, Diagnosis, GradientDescent, Quadratic, Sequential, Sigmoid, Trainer
    >>> x = np.random.default_rng(0).normal(size=(200, 3))
    >>> model = Sequential([Dense(20, activation=Sigmoid()), Dense(1, activation=Sigmoid())])
    >>> trainer = Trainer(model, cost=Quadratic(), optimizer=GradientDescent(1e-7), seed=0)
    >>> diagnosis = Diagnosis()
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore")
    ...     _ = trainer.fit((x, (x[:, :1] > 0) * 1.0), epochs=6, callbacks=[diagnosis])
    >>> [finding["name"] for finding in diagnosis.findings]
    ['flat']
    """

    def __init__(self, *, silence: Collection[str] = ()) -> None:
        self.silence = silence
        self._silent = checked_silence(self, silence)
        self._resumed = False
        self._observer: Observer | None = None
        self._forget()

    def _forget(self) -> None:
        self._findings: list[dict[str, Any]] = []
        self._looks: list[Look] = []
        self._seen: list[str] = []
        self._began = self._first_step = 0
        self._next = self._apart = 1

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What was found in this fit: ``name``, ``layer``, ``figure``, ``message``, and how many epochs were done."""
        return [dict(finding) for finding in self._findings]

    def fit_started(self, fit: FitView) -> None:
        if self._resumed:
            self._resumed = False
            return
        self._forget()
        self._began, self._first_step = fit.epoch, fit.step
        look = self._look(fit)
        if look is not None:
            self._looks.append(look)
            epochs, rows = fit.epochs - fit.epoch, self._rows(fit)
            looks = max(_FEWEST_LOOKS, int(_PART_OF_WORK * epochs * self._all_rows(fit) / rows))
            self._next = self._apart = max(1, epochs // looks)

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        done = fit.epoch - self._began
        final = fit.epoch >= fit.epochs or fit.stop_reason is not None
        halfway = max(_LEAST_EPOCHS, (fit.epochs - self._began + 1) // 2)
        if not self._looks or (done < self._next and done != halfway and not final):
            return
        self._next = max(done + self._apart, int(done * _BETWEEN_LOOKS))
        look = self._look(fit)
        if look is None:
            return
        self._looks.append(look)
        self._judge(fit, half=done >= halfway, final=final)

    def fit_ended(self, fit: FitView) -> None:
        self._observer = None
        done = fit.epoch - self._began
        if fit.stop_reason is not None and not fit.interrupted and done >= _LEAST_EPOCHS and len(self._looks) > 1:
            # another callback has ended it early, so that half of the epochs never came
            self._judge(fit, half=True, final=True)

    def state(self) -> dict[str, Any]:
        return {
            "findings": self.findings,
            "looks": [asdict(look) for look in self._looks],
            "seen": list(self._seen),
            "began": self._began,
            "first_step": self._first_step,
            "next": self._next,
            "apart": self._apart,
        }

    def restore(self, state: dict[str, Any]) -> None:
        check_table(self, "the state", state, "findings", "looks", "seen", *_COUNTS)
        for name in ("findings", "looks", "seen"):
            check_instance(self, name, state[name], list)
        for place, finding in enumerate(state["findings"]):
            _check_finding(self, f"findings[{place}]", finding)
        looks = [look_from(self, f"looks[{place}]", look) for place, look in enumerate(state["looks"])]
        for place, name in enumerate(state["seen"]):
            check_instance(self, f"seen[{place}]", name, str)
        for name, least in _COUNTS.items():
            check_integer(self, name, state[name], minimum=least)
            check_number(self, name, state[name], maximum=_MOST_COUNTED)
        # nothing is taken over of a state that is not sound
        self._looks, self._findings = looks, [dict(finding) for finding in state["findings"]]
        self._seen = list(state["seen"])
        self._began, self._first_step, self._next, self._apart = (state[name] for name in _COUNTS)
        self._resumed = True

    def _rows(self, fit: Any) -> int:
        rows = self._all_rows(fit)
        return max(1, min(rows, max(int(_PART_OF_ROWS * rows), _LEAST_ROWS), _MOST_ROWS))

    def _all_rows(self, fit: Any) -> int:
        source = fit.job.source
        return len(source) if isinstance(source, RandomAccess) else 0

    def _look(self, fit: Any) -> Look | None:
        model = fit.model
        try:
            if self._observer is None or self._observer.version != model.structure.version:
                batch = sample(fit.job.data, self._rows(fit))
                if batch is None:
                    return None
                self._observer = Observer(model, fit.job.cost, batch)
            return self._observer.look()
        except Exception:
            # a look must never end a run: what a layer cannot do, training says itself
            return None

    def _judge(self, fit: FitView, *, half: bool, final: bool) -> None:
        first, before, look = self._looks[0], self._looks[-2], self._looks[-1]
        # running statistics may be off for a moment
        found = list(apart(look, first)) if half and any(apart(before, first)) else []
        causes: list[Symptom] = []
        if not has_learnt(look, first) and not _is_hopeless(fit):
            lost = list(self._far_targets(fit, look))
            if not lost and not is_coming(self._looks):
                causes = list(strong(look, first))[:1]
            long = fit.epoch - self._began >= _PART_OF_EPOCHS * (fit.epochs - self._began)
            # what has learnt before may come back
            lasting = long and not any(has_learnt(past, first) for past in self._looks)
            found += [cause for cause in causes if final or (lasting and cause.name in self._seen)]
            if lost:
                found += lost if final else []
            elif half and fit.step - self._first_step >= _LEAST_STEPS and not (causes or found or self._findings):
                found += list(weak(self._looks))[:1]
        self._seen = [cause.name for cause in causes]
        for symptom in found:
            self._tell(symptom, fit.epoch)

    def _far_targets(self, fit: Any, look: Look) -> Iterator[Symptom]:
        scale = None if self._observer is None else self._observer.target_scale()
        if scale is not None:
            known = "target-scale" in fit.trainer.warned
            yield from far_targets(look, *scale, known=known, cure=cure_of(fit.model))

    def _tell(self, symptom: Symptom, epoch: int) -> None:
        if symptom.name in self._silent or any(finding["name"] == symptom.name for finding in self._findings):
            return
        self._findings.append(symptom.record(epoch))
        warnings.warn(LayerkitWarning(symptom.message, name=symptom.name), stacklevel=2)


def _is_hopeless(fit: Any) -> bool:
    """Whether no value of the model can do it, which the trainer says: the rest follows from that."""
    told = {"frozen", "unreachable-targets", "constant-output"} & fit.trainer.warned
    return bool(told) or about_constant_output(fit.model, fit.job.cost) is not None


def _check_finding(owner: object, place: str, finding: Any) -> None:
    texts = ("name", "layer", "message")
    check_table(owner, place, finding, *texts, "figure", "epoch")
    for name in texts:
        check_instance(owner, f"{place}.{name}", finding[name], str)
    check_number(owner, f"{place}.figure", finding["figure"])
    check_integer(owner, f"{place}.epoch", finding["epoch"], minimum=0)
