"""``layerkit plugins check`` checks the kernels that a package brings, behind its components."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).parent / "packages"
HOOKS = """
from layerkit.plugin import Component, hookimpl

layerkit_api = (1, 1)
CASES = ({"input_shapes": [(5,)], "checks": ["inside-a-network"]},)


@hookimpl
def layerkit_layers():
    return [
        Component("scale", target="acme_numba_layers:Scale", summary="A layer.", cases="acme_hooks:CASES"),
        Component("bare", target="acme_hooks:Bare", summary="A layer without a kernel.", cases="acme_hooks:CASES"),
    ]


def __getattr__(name):
    from acme_numba_layers import Scale

    return type(name, (Scale,), {"__module__": __name__, "__doc__": "A layer without a kernel."})
"""
POINTS = "[layerkit]\nacme = acme_hooks\n\n[layerkit_numba.kernels]\nacme_numba_layers = acme_numba_layers\n"


def test_the_kernels_of_a_package_are_checked_behind_its_components(tmp_path: Path) -> None:
    (tmp_path / "acme_hooks.py").write_text(HOOKS)
    information = tmp_path / "acme-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(POINTS)
    path = os.pathsep.join([str(tmp_path), str(PACKAGES)])
    command = [sys.executable, "-m", "layerkit", "plugins", "check", "acme"]
    found = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    lines = [line for line in found.stdout.splitlines() if line.startswith("acme/")]
    assert found.returncode == 0, found.stdout + found.stderr
    assert lines[0].startswith("acme/scale (layers): ok")
    assert lines[1].startswith("acme/bare (layers): ok")
    assert lines[2].startswith("acme/scale (layers, kernel for layerkit_numba): ok")
    assert len(lines) == 3
