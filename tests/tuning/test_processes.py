from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Examples
from layerkit.tuning.shared_examples import read_shared, write_shared

pytestmark = pytest.mark.extra
processes = pytest.importorskip("layerkit.tuning.processes")


@dataclass(frozen=True)
class Killed:
    """Kills its process as often as it is told, counting in a folder."""

    number: int
    times: int
    folder: str

    def perform(self, data: Any) -> str:
        mark = Path(self.folder, f"{self.number}-{time.monotonic_ns()}")
        mark.touch()
        if len(list(Path(self.folder).glob(f"{self.number}-*"))) <= self.times:
            os.kill(os.getpid(), signal.SIGKILL)
        return f"{self.number} done on {data['rows'].sum()}"

    def lost(self, reason: str) -> str:
        return f"{self.number} lost: {reason}"


@pytest.fixture
def workers() -> Iterator[Any]:
    with closing(processes.Processes(2)) as found:
        found.share("rows", np.arange(5))
        yield found


def test_a_task_whose_process_is_killed_is_performed_again(workers: Any, tmp_path: Path) -> None:
    tasks = [Killed(number, number, str(tmp_path)) for number in (0, 2, 3)]
    assert sorted(workers.results(tasks)) == [
        "0 done on 10",
        "2 done on 10",
        "3 lost: its process was killed 3 times, for want of memory perhaps",
    ]


def test_processes_start_before_there_is_anything_to_do(workers: Any) -> None:
    started = {process.pid for pool in workers._pools for process in pool._processes.values()}
    assert len(started) == 2
    # other tests may have left processes of their own
    assert started <= {process.pid for process in multiprocessing.active_children()}


def test_a_process_that_is_killed_while_it_waits_is_begun_anew(workers: Any, tmp_path: Path) -> None:
    assert len(list(workers.results([Killed(number, 0, str(tmp_path)) for number in (0, 1)]))) == 2
    for pool in workers._pools:
        for process in pool._processes.values():
            process.kill()
            process.join()
        while not pool._broken:
            time.sleep(0.01)
    assert sorted(workers.results([Killed(2, 0, str(tmp_path))])) == ["2 done on 10"]


def test_after_the_time_limit_nothing_comes(workers: Any, tmp_path: Path) -> None:
    began = time.monotonic()
    assert list(workers.results([Killed(0, 0, str(tmp_path))], until=began)) == []


def test_examples_are_mapped_and_read_only(tmp_path: Path) -> None:
    examples = Examples(np.arange(12.0).reshape(4, 3), np.array([0, 1, 1, 0]), classes=("a", "b"))
    write_shared([(examples, None)], tmp_path / "parts")
    [(found, nothing)] = read_shared(tmp_path / "parts")
    assert nothing is None
    assert found.classes == ("a", "b")
    np.testing.assert_array_equal(found.x, examples.x)
    assert not found.x.flags.writeable
    assert not found.x.flags.owndata


def test_workers_end_with_the_command_that_started_them(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, time\n"
        "from layerkit.tuning.processes import Processes\n"
        "class Task:\n"
        "    number = 0\n"
        "    def perform(self, data):\n"
        "        print(os.getpid(), flush=True)\n"
        "        time.sleep(600)\n"
        "if __name__ == '__main__':\n"
        "    list(Processes(1).results([Task()]))\n"
    )
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as command:
        assert command.stdout is not None
        worker = int(command.stdout.readline())
        command.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


def test_the_folder_of_a_killed_command_is_removed_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = (
        "import os, signal; from layerkit.tuning.processes import Processes\n"
        "found = Processes(1); found.share('rows', [1]); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], env=environment, check=False)
    [left] = tmp_path.iterdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with closing(processes.Processes(1)), closing(processes.Processes(1)):
        assert not left.exists()
        # those of a living one stay
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []
