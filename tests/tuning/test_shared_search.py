from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.tuning.postgresql import postgresql

pytestmark = pytest.mark.extra
pytest.importorskip("optuna")

from tests.tuning.shared_commands import Sharing, running  # noqa: E402  (needs Optuna)


@pytest.fixture
def sharing(tmp_path: Path) -> Sharing:
    return Sharing(tmp_path, "search.db")


def finished(*commands: subprocess.Popen[str]) -> None:
    for command in commands:
        _, err = command.communicate(timeout=240)
        assert (command.returncode, err) == (0, "")


def test_two_commands_share_a_search_as_long_as_the_greatest_number_of_trials(sharing: Sharing) -> None:
    with sharing.command("--trials", "3") as one, sharing.command() as other:
        finished(one, other)
    sharing.check_ended(1)


def test_a_trial_whose_command_is_killed_is_performed_by_another(sharing: Sharing) -> None:
    with sharing.command() as killed:
        sharing.until(running, killed)
        with sharing.command() as one, sharing.command() as other:
            killed.kill()
            killed.wait()
            left = {trial.number: trial.params for trial in sharing.trials() if trial.state.name != "WAITING"}
            finished(one, other)
    found = sharing.check_ended(1, 2)
    # with its number, and what was drawn for it
    for number, params in left.items():
        assert params.items() <= found["trials"][number]["params"].items()


def test_a_command_that_is_interrupted_leaves_its_trial_to_others(sharing: Sharing) -> None:
    with sharing.command() as interrupted:
        sharing.until(running, interrupted)
        interrupted.send_signal(signal.SIGINT)
        _, err = interrupted.communicate(timeout=60)
    assert interrupted.returncode == 130
    assert "It can go on, with --join." in err
    assert not any(trial.state.name == "RUNNING" for trial in sharing.trials())
    with sharing.command() as other:
        finished(other)
    sharing.check_ended(1)


def test_a_command_whose_time_is_over_leaves_the_winner_to_those_at_work(sharing: Sharing) -> None:
    with sharing.command("--trials", "500") as at_work:
        sharing.until(running, at_work)
        with sharing.command("--trials", "500", "--time-limit", "1s") as brief:
            finished(brief)
        assert sharing.found(1)["left_to_others"]
        assert sharing.found(1)["test"]["runs"] == []
        assert at_work.poll() is None


def test_a_search_on_which_a_command_is_at_work_is_not_gone_on_with(sharing: Sharing) -> None:
    with sharing.command("--trials", "200", way="") as alone:
        sharing.until(running, alone)
        with sharing.command(way="--resume") as second:
            _, err = second.communicate(timeout=60)
        assert second.returncode == 1
        assert "another command is at work on the search 'mine'" in err


def test_after_a_kill_the_one_command_is_gone_on_with_at_once(sharing: Sharing) -> None:
    with sharing.command("--trials", "2", way="") as alone:
        sharing.until(lambda trials: any(trial.state.name == "RUNNING" for trial in trials), alone)
        os.kill(alone.pid, signal.SIGKILL)
    with sharing.command("--trials", "2", way="--resume") as resumed:
        finished(resumed)
    assert [trial["state"] for trial in sharing.found(1)["trials"]] == ["complete"] * 2


def test_commands_share_a_search_in_postgresql(tmp_path: Path) -> None:
    with postgresql() as url:
        sharing = Sharing(tmp_path, url)
        with sharing.command() as killed:
            sharing.until(running, killed)
            with sharing.command() as one, sharing.command() as other:
                killed.kill()
                finished(one, other)
        sharing.check_ended(1, 2)
