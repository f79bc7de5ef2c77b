"""Callbacks that an experiment names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layerkit import Callback, Checkpoint, CsvLog, EarlyStopping, resume
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.experiments import Changes, Experiment, Session, changed, parse_experiment, settings_of
from layerkit.interfaces.callback import FitView
from layerkit.plugin import PluginHost
from tests.experiments.conftest import Read
from tests.experiments.small import SMALL

STOPPING = '{ component = "early-stopping", monitor = "cost", minimum_change = 10.0, patience = 2 }'


def with_callbacks(text: str, small: str = SMALL) -> str:
    return small.replace("metrics =", f"callbacks = [{text}]\nmetrics =")


def test_names_and_tables_become_callbacks(read: Read) -> None:
    experiment = read(with_callbacks(f'"early-stopping", {STOPPING}, {{ component = "csv-log", path = "log.csv" }}'))
    assert repr(experiment.callbacks) == (
        "[EarlyStopping(), EarlyStopping(monitor='cost', patience=2, minimum_change=10.0), CsvLog('log.csv')]"
    )
    assert read(SMALL).callbacks == []


def test_settings_tell_them_and_make_them_again(read: Read, host: PluginHost) -> None:
    experiment = read(with_callbacks(STOPPING)).with_settings(callbacks=[EarlyStopping(), CsvLog(Path("log.csv"))])
    settings = json.loads(json.dumps(settings_of(experiment, host=host)))
    assert settings["callbacks"][1] == {"component": "csv-log", "path": "log.csv"}
    again = parse_experiment(settings, name="again", host=host)
    assert repr(again.callbacks) == "[EarlyStopping(), CsvLog('log.csv')]"


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        ('"early-stoping"', r"mine\.toml: callbacks\[0\]: there is no callback named 'early-stoping'\. Did you mean"),
        ('"csv-log"', r"callbacks\[0\]: callback 'csv-log' needs the argument 'path'"),
        ('{ component = "early-stopping", patience = 0 }', r"callbacks\[0\]: EarlyStopping: patience must be"),
        ('"accuracy"', r"callbacks\[0\]: there is no callback named 'accuracy'\..* 'accuracy' is a metric"),
    ],
)
def test_an_error_names_file_and_place(read: Read, callbacks: str, message: str) -> None:
    with pytest.raises(LayerkitError, match=message):
        read(with_callbacks(callbacks))


def test_something_else_than_a_callback_is_refused(read: Read) -> None:
    with pytest.raises(ArgumentError, match=r"Experiment: callbacks\[0\] must be a Callback object, got 'csv-log'"):
        read(SMALL).with_settings(callbacks=["csv-log"])


def test_they_stop_a_run_and_each_session_has_its_own(read: Read) -> None:
    experiment = read(with_callbacks(STOPPING)).with_settings(epochs=9)
    session, other = Session(experiment), Session(experiment)
    for each in (session, other):
        assert len(each.fit()) == 3
        assert "cost has not improved for 2 epochs" in str(each.history.stop_reason)
    pattern = experiment.callbacks[0]
    assert session.callbacks[0] is not pattern
    assert pattern.state() == EarlyStopping().state()
    assert session.callbacks[0].state()["best"] is not None


class Order(Callback):
    """Notes in a file whom it was called after."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log

    def fit_started(self, fit: FitView) -> None:
        with self.log.open("a") as log:
            log.write(f"{self.name} ")


def test_they_come_after_those_given_and_before_checkpoints(read: Read, tmp_path: Path) -> None:
    log = tmp_path / "log"
    experiment = read(SMALL).with_settings(epochs=1, callbacks=[Order("own", log)])
    session = Session(experiment)
    session.fit(callbacks=[Order("given", log), Checkpoint(tmp_path / "run.safetensors"), Order("late", log)])
    assert log.read_text() == "given late own "
    assert (tmp_path / "run.safetensors").exists()


def test_a_relative_path_leads_from_the_working_directory(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = read(with_callbacks('{ component = "csv-log", path = "log.csv" }'))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    Session(experiment).fit()
    lines = (tmp_path / "elsewhere" / "log.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,cost,validation_cost,validation_accuracy")
    assert len(lines) == 3


def test_a_resumed_session_gives_them_their_state(read: Read, tmp_path: Path) -> None:
    stopping = '{ component = "early-stopping", monitor = "cost", minimum_change = 10.0, patience = 4 }'
    experiment = read(with_callbacks(stopping)).with_settings(epochs=9)

    class Stop(Callback):
        def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
            if fit.epoch == 2:
                raise KeyboardInterrupt

    whole, first, second = Session(experiment), Session(experiment), Session(experiment)
    whole.fit()
    with pytest.raises(KeyboardInterrupt):
        first.fit(callbacks=[Checkpoint(tmp_path, every_steps=40), Stop()])
    resume(second.trainer, tmp_path)
    second.fit()
    assert len(second.trainer.history) == len(whole.trainer.history) == 5
    assert second.callbacks[0].state() == whole.callbacks[0].state()
    assert second.model.structure.parameters.tobytes() == whole.model.structure.parameters.tobytes()


def test_a_checkpoint_from_before_a_class_moved_gives_it_its_state(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = read(with_callbacks(STOPPING)).with_settings(epochs=9)
    first, second = Session(experiment), Session(experiment)
    with monkeypatch.context() as before:
        before.setattr(EarlyStopping, "__module__", "layerkit.training.callbacks.early_stopping")
        before.setattr(Checkpoint, "__module__", "layerkit.files.checkpoint")
        first.fit(callbacks=[Checkpoint(tmp_path)])
    resume(second.trainer, tmp_path)
    second.fit(callbacks=[Checkpoint(tmp_path)])
    assert second.callbacks[0].state() == first.callbacks[0].state()


def test_options_add_to_them(read: Read, host: PluginHost) -> None:
    changes = Changes(callback=("early-stopping", '{ component = "csv-log", path = "log.csv" }'))
    new, notes = changed(read(with_callbacks(STOPPING)), changes, host=host)
    assert [type(callback).__name__ for callback in new.callbacks] == ["EarlyStopping", "EarlyStopping", "CsvLog"]
    assert notes == []
    assert changes.given() == ["--callback"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "early-stoping",
            r"--callback: early-stoping: there is no callback named 'early-stoping'\. Did you mean 'early-stopping'",
        ),
        ("csv-log", r"needs the argument 'path'\..*: give a table, '\{ component = \"csv-log\", … \}'$"),
        ('{ component = "csv-log" path }', r"--callback: '\{ component = .* is no table of TOML: "),
        ("{ patience = 3 }", r"--callback: \{ patience = 3 \} must be a callback: a name, or a table such as"),
        ('{ component = "early-stopping", patince = 3 }', r"has no argument 'patince'\. Did you mean 'patience'"),
        ('{ component = "csv-log", path = "x" }\nepochs = 3', r"is more than one table of TOML"),
    ],
)
def test_an_option_that_names_none_is_refused(read: Read, host: PluginHost, text: str, message: str) -> None:
    with pytest.raises(LayerkitError, match=message):
        changed(read(SMALL), Changes(callback=(text,)), host=host)


def test_an_experiment_in_python_takes_them_too(read: Read) -> None:
    assert isinstance(Experiment(**{**read(SMALL).config, "callbacks": (EarlyStopping(),)}).callbacks[0], EarlyStopping)
