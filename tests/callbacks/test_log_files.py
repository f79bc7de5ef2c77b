"""What holds for every callback that writes the history into a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerkit import Callback, CsvLog, JsonLines, save
from layerkit.errors import ArgumentError, LayerkitError
from layerkit.interfaces.callback import FitView
from tests.callbacks.conftest import Data, MakeTrainer

FIRST = {JsonLines: b'{"epoch":', CsvLog: b"epoch,"}


class Look(Callback):
    """Reads a file after each epoch, while it is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[int] = []

    def epoch_ended(self, fit: FitView, record: dict[str, Any]) -> None:
        self.lines.append(len(self.path.read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize(("kind", "extra"), [(JsonLines, 0), (CsvLog, 1)])
def test_each_epoch_is_in_the_file_at_once(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], extra: int
) -> None:
    path = tmp_path / "log"
    look = Look(path)
    make_trainer().fit(data, epochs=3, callbacks=[kind(path), look])
    assert look.lines == [1 + extra, 2 + extra, 3 + extra]


@pytest.mark.parametrize(("kind", "extra"), [(JsonLines, 0), (CsvLog, 1)])
def test_a_second_fit_goes_on_and_what_is_newer_than_a_checkpoint_is_replaced(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], extra: int
) -> None:
    path = tmp_path / "log"
    trainer = make_trainer()
    trainer.fit(data, epochs=2, callbacks=[kind(path)])
    early = trainer.state()
    trainer.fit(data, epochs=2, callbacks=[kind(path)])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 4 + extra

    again = make_trainer()
    again.restore(early)
    again.fit(data, epochs=1, callbacks=[kind(path)])
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3 + extra


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
@pytest.mark.parametrize("place", ["missing/log", "."])
def test_a_path_that_cannot_be_written_is_refused_before_the_first_step(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], place: str
) -> None:
    trainer = make_trainer()
    with pytest.raises(ArgumentError, match=rf"{kind.__name__}: path .* cannot be written: .*; give a path"):
        trainer.fit(data, epochs=1, callbacks=[kind(tmp_path / place)])
    assert trainer.history.records == []


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
def test_something_that_is_no_path_is_refused(kind: type[JsonLines | CsvLog]) -> None:
    with pytest.raises(ArgumentError, match="path must be a path, as text"):
        kind(3)  # type: ignore[arg-type]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_is_told_and_training_can_go_on(make_trainer: MakeTrainer, data: Data) -> None:
    trainer = make_trainer()
    with pytest.raises(LayerkitError, match=r"JsonLines: writing '/dev/full' failed: No space left"):
        trainer.fit(data, epochs=3, callbacks=[JsonLines("/dev/full")])
    assert len(trainer.history) == 1
    trainer.fit(data, epochs=2)
    assert trainer.history["epoch"] == [1, 2, 3]


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
def test_a_fit_that_is_refused_leaves_the_log_as_it_was(
    kind: Any, make_trainer: MakeTrainer, data: Data, tmp_path: Path
) -> None:
    class Refuses(Callback):
        def fit_started(self, fit: FitView) -> None:
            raise ArgumentError("no")

    path = tmp_path / "log"
    path.write_bytes(earlier := FIRST[kind] + b"what an earlier run has written\n")
    with pytest.raises(ArgumentError, match="no"):
        make_trainer().fit(data, epochs=1, callbacks=[kind(path), Refuses()])
    assert path.read_bytes() == earlier
    make_trainer().fit(data, epochs=1, callbacks=[kind(path)])
    assert "earlier" not in path.read_text()


class Refuses(Callback):
    """Ends a fit before its first step, or in its first epoch."""

    def __init__(self, place: str) -> None:
        self.place = place

    def fit_started(self, fit: FitView) -> None:
        if self.place == "fit_started":
            raise ArgumentError("no")

    def progress(self, fit: FitView) -> None:
        if self.place == "progress":
            raise ArgumentError("no")


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
@pytest.mark.parametrize("place", ["fit_started", "progress"])
def test_a_fit_that_is_refused_costs_no_line(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog], place: str
) -> None:
    path = tmp_path / "log"
    trainer = make_trainer()
    trainer.fit(data, epochs=3, callbacks=[kind(path)])
    before = path.read_bytes()
    again = make_trainer()
    with pytest.raises(ArgumentError, match="no"):
        again.fit(data, epochs=1, callbacks=[kind(path), Refuses(place)])
    assert path.read_bytes() == before
    again.fit(data, epochs=1, callbacks=[kind(path)])
    assert len(path.read_text(encoding="utf-8").splitlines()) == (1 if kind is JsonLines else 2)


class StopsAtOnce(Callback):
    """Ends a fit before its first step."""

    def fit_started(self, fit: FitView) -> None:
        fit.stop("enough", now=True)


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
def test_a_fit_of_no_epoch_leaves_the_history(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog]
) -> None:
    path = tmp_path / "log"
    trainer = make_trainer()
    trainer.fit(data, epochs=2, callbacks=[kind(path)])
    before = path.read_bytes()
    path.write_bytes(FIRST[kind] + b"of another run\n" * 9)
    trainer.fit(data, epochs=1, callbacks=[kind(path), StopsAtOnce()])
    assert path.read_bytes() == before


def test_two_logs_in_one_file_are_refused_and_it_keeps_what_it_held(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path
) -> None:
    path, link = tmp_path / "log", tmp_path / "link"
    path.write_text("epoch,old\n")
    link.symlink_to(path)
    trainer = make_trainer()
    with pytest.raises(ArgumentError, match=r"JsonLines: path .*link' is written by another CsvLog too"):
        trainer.fit(data, epochs=1, callbacks=[CsvLog(path), JsonLines(link)])
    assert path.read_text() == "epoch,old\n"
    trainer.fit(data, epochs=1, callbacks=[CsvLog("/dev/null"), JsonLines("/dev/null"), CsvLog(path)])
    assert path.read_text().startswith("epoch,")


@pytest.mark.parametrize("kind", [JsonLines, CsvLog])
def test_what_is_no_log_is_not_replaced(
    make_trainer: MakeTrainer, data: Data, tmp_path: Path, kind: type[JsonLines | CsvLog]
) -> None:
    trainer = make_trainer()
    trainer.fit(data, epochs=1)
    save(trainer.model, tmp_path / "model.safetensors")
    (tmp_path / "data.csv").write_text("a,b,label\n1,2,0\n")
    for name in ("model.safetensors", "data.csv"):
        path = tmp_path / name
        before, step = path.read_bytes(), trainer.state()["position"]["step"]
        with pytest.raises(
            ArgumentError,
            match=f"{kind.__name__}: path .*{name}' .* other than a log",
        ):
            trainer.fit(data, epochs=1, callbacks=[kind(path)])
        assert path.read_bytes() == before
        assert trainer.state()["position"]["step"] == step
