"""An environment of its own for a plugin package: everything that is installed here, and the package besides."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import final

ROOT = Path(__file__).resolve().parents[2]


@final
class Environment:
    """A fresh virtual environment that sees this one's packages; nothing is fetched from anywhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False)
        (packages,) = folder.glob("lib/python*/site-packages")
        here = [*site.getsitepackages(), str(ROOT)]
        (packages / "here.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in here))
        for command in ("layerkit", "pytest"):
            script = folder / "bin" / command
            script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {command} "$@"\n')
            script.chmod(0o755)

    def install(self, package: Path) -> None:
        """``pip install --editable``, without dependencies and without a network."""
        python = str(self.folder / "bin" / "python")
        quietly = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--editable", str(package)]
        done = self.run([sys.executable, "-m", "pip", "--python", python, "install", *quietly], package)
        assert done.returncode == 0, done.stdout + done.stderr

    def run(self, command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        """Run a command with this environment's programs first on the path."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LAYERKIT")}
        environment |= {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
        }
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
