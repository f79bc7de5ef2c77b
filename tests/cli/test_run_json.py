"""Where ``layerkit run --json`` writes."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command

SMALL = ("run", "digits", "--quiet", "--layers", "10", "--epochs", "1", "--json")


def test_a_link_is_followed_and_permissions_stay(layerkit: Command, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "report.json"
    target.write_text("{}")
    target.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(target)
    assert layerkit(*SMALL, str(link)).code == 0
    assert link.is_symlink()
    assert json.loads(target.read_text())["experiment"] == "digits"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert list((tmp_path / "there").iterdir()) == [target]


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="standard output has no name here")
def test_standard_output_is_written_to(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        subprocess.run([sys.executable, "-m", "layerkit", *SMALL, "/dev/stdout"], stdout=out, check=True)
    assert json.loads((tmp_path / "out").read_text())["experiment"] == "digits"


def test_a_folder_that_must_not_be_written_to_is_told_before_training(
    layerkit: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("{}")
    opened = os.open

    def refused(place: Any, flags: int, mode: int = 0o777) -> int:
        # as for any user but root: the file may be written to, and no new one put in its place
        if flags & os.O_EXCL and Path(place).parent == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(place, flags, mode)

    monkeypatch.setattr(os, "open", refused)
    result = layerkit(*SMALL, str(path))
    assert result.code == 2
    assert f"--json: {path} cannot be written: Permission denied" in result.err
    assert path.read_text() == "{}"
