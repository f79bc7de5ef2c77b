from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from layerkit import JsonLines, ProgressDisplay
from layerkit.errors import ArgumentError
from tests.callbacks.conftest import Data, MakeTrainer

PROGRAM = """
import sys
import numpy as np
from layerkit import Dense, GradientDescent, ProgressDisplay, Quadratic, Sequential, Trainer

x = np.linspace(0, 1, 20000)[:, None]
trainer = Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
trainer.fit((x, 2 * x), epochs=3, batch_size=10, callbacks=[ProgressDisplay()])
print("rich" in sys.modules)
"""


def test_without_a_terminal_it_is_a_line_an_epoch(make_trainer: MakeTrainer, data: Data) -> None:
    file = io.StringIO()
    make_trainer().fit(data, epochs=2, validation=data, callbacks=[ProgressDisplay(file=file)])
    head, first, second = file.getvalue().splitlines()
    assert head == "  epoch     cost  validation cost  validation mean squared error  seconds"
    assert [first.split()[0], second.split()[0]] == ["1", "2"]
    assert len(head) == len(first) == len(second)


def test_columns_choose_and_name(make_trainer: MakeTrainer, data: Data) -> None:
    file = io.StringIO()
    columns = {"epoch": "epoch", "validation_cost": "test cost", "validation_accuracy": "not measured here"}
    make_trainer().fit(data, epochs=1, validation=data, callbacks=[ProgressDisplay(columns=columns, file=file)])
    assert file.getvalue().splitlines()[0] == "  epoch  test cost"


def test_a_fit_that_goes_on_counts_on(make_trainer: MakeTrainer, data: Data) -> None:
    trainer = make_trainer()
    trainer.fit(data, epochs=2)
    file = io.StringIO()
    trainer.fit(data, epochs=1, callbacks=[ProgressDisplay(file=file)])
    assert file.getvalue().splitlines()[1].split()[0] == "3"


def test_columns_must_be_a_mapping() -> None:
    with pytest.raises(ArgumentError, match="columns must be a Mapping object or None"):
        ProgressDisplay(columns=["epoch"])  # type: ignore[arg-type]


def on_terminal(arguments: list[str], *, width: int = 80, **environment: str) -> str:
    """What a program writes to a terminal of that width."""
    import fcntl
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    known = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    process = subprocess.Popen(
        arguments, stdin=slave, stdout=slave, stderr=slave, env=known | {"TERM": "xterm"} | environment
    )
    os.close(slave)
    pieces = []
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # how Linux says that nobody has the other end open any more
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(master)
    assert process.wait() == 0
    return b"".join(pieces).decode()


@pytest.mark.parametrize("width", [30, 80])
def test_on_a_terminal_there_is_a_bar(tmp_path: Path, width: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    shown = on_terminal([sys.executable, str(program)], width=width, PYTHONPATH=os.pathsep.join(sys.path))
    assert "━" in shown
    assert "epoch 3/3" in shown
    assert all(re.search(rf"      {epoch}  +\d", shown) for epoch in (1, 2, 3))
    assert shown.splitlines()[-1].endswith("True")


def test_a_dumb_terminal_gets_plain_lines_and_rich_is_not_imported(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    shown = on_terminal([sys.executable, str(program)], TERM="dumb", PYTHONPATH=os.pathsep.join(sys.path))
    assert "\x1b" not in shown
    assert shown.splitlines()[-1] == "False"


def test_no_color_is_obeyed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    shown = on_terminal([sys.executable, str(program)], NO_COLOR="1", PYTHONPATH=os.pathsep.join(sys.path))
    assert "━" in shown
    assert "\x1b[3" not in shown


@pytest.mark.parametrize("closed", [True, False])
def test_training_goes_on_without_a_standard_output(
    closed: bool, make_trainer: MakeTrainer, data: Data, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.StringIO()
    stream.close()
    monkeypatch.setattr(sys, "stdout", stream if closed else None)
    assert len(make_trainer().fit(data, epochs=2, callbacks=[ProgressDisplay()])) == 2


def test_training_goes_on_when_the_reader_has_gone(make_trainer: MakeTrainer, data: Data) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = open(writing, "w", encoding="utf-8")  # noqa: SIM115 - closing it fails, as what was printed is still in it
    log = JsonLines(f"/dev/fd/{writing}")
    assert len(make_trainer().fit(data, epochs=2, callbacks=[ProgressDisplay(file=file), log])) == 2
    with contextlib.suppress(BrokenPipeError):
        file.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
def test_a_full_disk_is_not_passed_over(make_trainer: MakeTrainer, data: Data) -> None:
    file = open("/dev/full", "w", encoding="utf-8")  # noqa: SIM115 - closing it fails
    with pytest.raises(OSError, match="No space"):
        make_trainer().fit(data, epochs=2, callbacks=[ProgressDisplay(file=file)])
    with contextlib.suppress(OSError):
        file.close()
