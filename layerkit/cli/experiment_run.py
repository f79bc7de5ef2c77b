"""What ``layerkit run`` does once its arguments are read."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from layerkit.callbacks.interruption import Interruption
from layerkit.callbacks.progress_display import ProgressDisplay
from layerkit.cli.callback_errors import callbacks_named
from layerkit.cli.json_report import check_writable, json_report, write_json
from layerkit.cli.persistence import Persistence
from layerkit.cli.places import files_in, require_apart
from layerkit.cli.report_file import check_report, command_line
from layerkit.cli.run_report import RunReport
from layerkit.cli.script_run import run_script
from layerkit.cli.warning_lines import warnings_as_lines
from layerkit.config.paths import flat
from layerkit.data.examples import Examples
from layerkit.diagnosis.diagnosis_callback import Diagnosis
from layerkit.diagnosis.silence import EVERYTHING, checked_silence
from layerkit.errors import ArgumentError, CheckpointWarning, LayerkitWarning, ResumeWarning
from layerkit.experiments.changes import Changes, changed, option
from layerkit.experiments.classification import classify
from layerkit.experiments.experiment import Experiment
from layerkit.experiments.lookup import Script, find
from layerkit.experiments.session import Session
from layerkit.suggestions import meant, nearest

_HARMLESS = {"--engine", "--data-dir", "--dtype", "--metric"}
"""Options with which an example must reach its target all the same."""


@final
@dataclass(frozen=True, kw_only=True)
class Request:
    """A command: what to run, with which changes (None: not given), and where the results go.

    ``silence`` names warnings and findings that are not wanted. ``arguments`` are those that are not layerkit's own.
    """

    name: str
    arguments: tuple[str, ...]
    options: Mapping[str, Any]
    persistence: Persistence
    silence: tuple[str, ...]
    quick: bool
    json_file: Path | None
    report: Path | None
    quiet: bool

    def given(self) -> list[str]:
        """The options that were given, as they are typed."""
        flags = {"--quick": self.quick, "--json": self.json_file is not None}
        flags |= {"--report": self.report is not None, "--quiet": self.quiet}
        return [
            *(option(name) for name, value in self.options.items() if value is not None),
            *self.persistence.given(),
            *(["--silence"] if self.silence else []),
            *(flag for flag, value in flags.items() if value),
        ]

    @property
    def command(self) -> str:
        """What gives the same results again, as it is typed: without where they go."""
        options = {option(name): value for name, value in self.options.items()}
        options |= {"--resume": self.persistence.resume, "--silence": self.silence, "--quick": self.quick}
        return command_line(["run", self.name], options)


def fulfil(request: Request) -> int:
    """Run what was asked for; the exit code.

    Raises:
        LayerkitError: it cannot be run, or it failed; the message says why.
    """
    found = find(request.name)
    if isinstance(found, Script):
        _refuse_options(request, f"{request.name} is a Python file")
        return run_script(found.path, request.arguments)
    _refuse_arguments(request)
    if not isinstance(found, Experiment):
        result = found()
        if not isinstance(result, Experiment):
            _refuse_options(request, f"{request.name} is a program")
            return result if isinstance(result, int) else 0
        found = result
    return _run_experiment(found, request)


def _run_experiment(experiment: Experiment, request: Request) -> int:
    if request.quick:
        if not experiment.quick:
            raise ArgumentError(f"--quick: {request.name} has no short form")
        experiment = experiment.quickened()
    changes = Changes(**{**request.options, "layers": _sizes(request.options["layers"])})
    experiment, notes = changed(experiment, changes)
    checked_silence("--silence", request.silence)
    _require_apart(experiment, request)
    if request.json_file is not None:
        check_writable("--json", request.json_file)
    check_report(request.report)
    request.persistence.check()
    session = Session(experiment, silence=request.silence)
    if changes.layers is not None:
        _check_output(session, changes.layers)
    report = RunReport(session, quiet=request.quiet)
    with warnings_as_lines(CheckpointWarning, LayerkitWarning, ResumeWarning), Interruption() as interruption:
        # what is resumed first: the report states what is used
        checkpoints = request.persistence.begin(session)
        report.begin(notes)
        display = [] if request.quiet else [ProgressDisplay(columns=report.columns)]
        diagnosis = _diagnosis(session, request)
        with callbacks_named():
            session.fit(callbacks=[*display, interruption, *diagnosis, *checkpoints])
        # who wants the process to end waits for it: so far, the last epoch's figures must do
        measured = _last_measured(session) if interruption.exit_code else session.measure()
        classification = None if interruption.exit_code else classify(session.model, session.test, session.trainer.cost)
    findings = [
        finding
        for callback in (*diagnosis, *session.callbacks)
        if isinstance(callback, Diagnosis)
        for finding in callback.findings
    ]
    promised = set(changes.given()) <= _HARMLESS and not interruption.exit_code
    missed = experiment.missed(measured) if promised else []
    interrupted = bool(interruption.exit_code)
    try:
        request.persistence.end(session)
    finally:
        # what can be written is: a model that cannot does not take the results with it
        if request.json_file is not None or request.report is not None:
            results = json_report(session, measured, classification, findings=findings, interrupted=interrupted)
            if request.json_file is not None:
                write_json(request.json_file, results)
            if request.report is not None:
                from layerkit.reports import report_of_session

                looked = bool(diagnosis) or any(isinstance(each, Diagnosis) for each in session.callbacks)
                report_of_session(
                    session,
                    measured,
                    findings=findings if looked else None,
                    versions=results["versions"],
                    command=request.command,
                    interrupted=interrupted,
                ).write(request.report)
    if interruption.exit_code:
        report.interrupted(measured)
        report.saved(request.persistence.save)
        if checkpoints and checkpoints[0].last is not None:
            print(f"The run can go on from there, with --resume {checkpoints[0].path}", file=sys.stderr)
        return interruption.exit_code
    report.end(measured, classification, findings=findings, promised=promised)
    report.saved(request.persistence.save)
    for line in missed:
        print(f"Error: {request.name} missed its target: {line}", file=sys.stderr)
    return 1 if missed else 0


def _require_apart(experiment: Experiment, request: Request) -> None:
    """No output may take the place of what the run reads, or of another output."""
    settings = flat(experiment)
    logs = {
        f"the callback {place.rpartition('.')[0]}": value
        for place, value in settings.items()
        if place.startswith("callbacks.") and place.endswith(".path")
    }
    require_apart(
        {**request.persistence.written(), "--json": request.json_file, "--report": request.report, **logs},
        [
            ("the experiment itself", request.name),
            *files_in({place: value for place, value in settings.items() if not place.startswith("callbacks.")}),
        ],
    )


def _diagnosis(session: Session, request: Request) -> list[Diagnosis]:
    """The callback that says why a network does not learn, unless it is silenced or the experiment has its own."""
    if EVERYTHING in request.silence or any(isinstance(callback, Diagnosis) for callback in session.callbacks):
        return []
    return [Diagnosis(silence=request.silence)]


def _last_measured(session: Session) -> dict[str, float]:
    records = session.records()
    return {name: value for name, value in records[-1].items() if name.startswith("test_")} if records else {}


def _sizes(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    try:
        sizes = tuple(int(size) for size in text.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise ArgumentError(f"--layers must be sizes of at least 1, the output's last, such as 30,10; got {text!r}")
    return sizes


def _check_output(session: Session, sizes: tuple[int, ...]) -> None:
    classes = session.train.classes if isinstance(session.train, Examples) else None
    # the probability of one of two classes tells both
    if classes is None or (len(classes), sizes[-1]) == (2, 1):
        return
    if session.model.output_shape == sizes[-1:] != (len(classes),):
        typed = ",".join(map(str, sizes))
        raise ArgumentError(
            f"--layers: the last size is the output's, and the data has {len(classes)} classes; got {typed}: write "
            f"--layers {typed},{len(classes)} perhaps"
        )


def _refuse_options(request: Request, what: str) -> None:
    given = request.given()
    if given:
        raise ArgumentError(
            f"{what}, to which {' and '.join(given)} cannot be applied: layerkit's options change experiments. "
            f"Its own arguments go after `--`: layerkit run {request.name} -- {given[0]} …"
        )


def _refuse_arguments(request: Request) -> None:
    if not request.arguments:
        return
    first = request.arguments[0].partition("=")[0]
    if first.startswith("-"):
        known = [*request.options, "eta", "save", "checkpoint", "resume", "silence", "quick", "json", "report", "quiet"]
        near = meant(map(option, nearest(first.lstrip("-").replace("-", "_"), known)))
        raise ArgumentError(f"there is no option {first!r}.{near} `layerkit run --help` shows what there is")
    raise ArgumentError(f"{request.name} is an experiment, which takes options only; got {first!r}")
