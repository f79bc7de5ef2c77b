"""Plugins that attack the process itself, in random company: listings and the doctor end in a report."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.registry.installation import HEAD, RAMP, Installation

ACTS = {
    "closes standard output": "import sys\nsys.stdout.close()",
    "closes the first standard output": "import sys\nsys.__stdout__.close()",
    "takes standard output away": "import sys\nsys.stdout = None",
    "takes both away": "import sys\nsys.stdout = sys.stderr = None",
    "closes descriptor 1": "import os\nos.close(1)",
    "puts a number in its place": "import sys\nsys.stdout = 5",
    "ends the program": "import sys\nsys.exit(3)",
    "ends it by another name": "raise SystemExit('gone')",
    "generator exit": "raise GeneratorExit",
    "a group of exceptions": "raise BaseExceptionGroup('many', [SystemExit(1), ValueError(2)])",
    "an exception that cannot be shown": "class E(Exception):\n    def __str__(self): raise E\nraise E",
    "recursion": "def f(): f()\nf()",
    "a low recursion limit": "import sys\nsys.setrecursionlimit(200)",
    "a thread that raises": "import threading\nthreading.Thread(target=lambda: 1 / 0).start()",
    "no hook for threads": "import threading\nthreading.excepthook = None",
    "no hook for exceptions": "import sys\nsys.excepthook = None",
    "an end that raises": "import atexit\natexit.register(lambda: 1 / 0)",
    "warnings as errors": "import warnings\nwarnings.simplefilter('error')\nwarnings.warn('x', DeprecationWarning)",
    "a builtin less": "import builtins\ndel builtins.__dict__['sorted']",
    "seeds NumPy, which it imports first": "import numpy.random\nnumpy.random.seed(0)",
    "another folder": "import os\nos.chdir('/')",
    "a codec that is none": "import codecs\ncodecs.register(lambda name: 5)",
    "prints what no terminal shows": "print('\\x1b[2J\\ud800\\x00' * 9)",
    "a surrogate in its error": "raise ValueError('\\ud800\\x1b[2J')",
    "an endless message": "raise ValueError('x' * 10_000_000)",
    "the import system": "import sys\nsys.meta_path.clear()",
    "modules that are none": "import sys\nsys.modules['layerkit.fake'] = 5\nsys.modules['layerkit.none'] = None",
    "nothing": "",
}
HARMFUL = {"a builtin less", "the import system"}
"""What nobody can go on after: layerkit does not fight code in its own process."""


def hostile(installation: Installation, name: str, hooks: str, target: str, inside_hook: bool) -> None:
    row = "Component('ramp', target='{{package}}.ramp:Ramp', summary='s')"
    record = f"\n@hookimpl\ndef layerkit_schedules():\n{{}}    return [{row}]\n"
    inside = "".join(f"    {line}\n" for line in ACTS[hooks].splitlines())
    body = HEAD + (record.format(inside) if inside_hook else ACTS[hooks] + record.format(""))
    installation.add(f"{name}-layers", namespace=name, hooks=body, ramp=f"{ACTS[target]}\n{RAMP}")


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "layerkit", *arguments],
        env={**os.environ, "PYTHONPATH": str(folder), "TERM": "dumb"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


def check(folder: Path, told: str) -> None:
    for arguments in (
        ("list", "schedules"),
        ("plugins", "doctor"),
        ("plugins", "doctor", "--json"),
        ("show", "a/ramp"),
    ):
        result = run(folder, *arguments)
        where = f"{told}: {arguments}: {result.returncode}\n{result.stdout[-500:]}\n{result.stderr[-1500:]}"
        assert "layerkit/cli" not in result.stderr, where
        assert result.returncode in (0, 1, 2), where


@pytest.mark.parametrize("seed", range(int(os.environ.get("LAYERKIT_HOSTILE_IMPORTS", "2"))))
def test_hostile_plugins_in_company_end_in_a_report(seed: int, installation: Installation) -> None:
    chance = random.Random(seed)
    acts = sorted(ACTS.keys() - HARMFUL)
    chosen = [(name, chance.choice(acts), chance.choice(acts)) for name in "abc"[: chance.randint(1, 3)]]
    for name, hooks, target in chosen:
        hostile(installation, name, hooks, target, chance.random() < 0.5)
    check(installation.folder, str(chosen))


def test_numpy_s_generator_is_watched_also_where_a_plugin_brings_numpy(installation: Installation) -> None:
    for name, act in (("a", ACTS["seeds NumPy, which it imports first"]), ("b", "import numpy.random")):
        installation.add(f"{name}-layers", namespace=name, ramp=f"{act}\n{RAMP}")
    told = json.loads(run(installation.folder, "plugins", "doctor", "--json").stdout)
    assert [(failure["namespace"], failure["severity"]) for failure in told] == [("a", "warning")]
    assert "global random generator (numpy.random)" in told[0]["error"]


def test_two_versions_of_one_plugin_and_one_that_takes_its_time(installation: Installation, tmp_path: Path) -> None:
    other = Installation(tmp_path / "other version")
    other.folder.mkdir()
    installation.add("acme-layers", version="1.0")
    other.add("acme-layers", version="2.0", ramp="import time\ntime.sleep(2)\n" + RAMP)
    environment = {**os.environ, "PYTHONPATH": f"{other.folder}{os.pathsep}{installation.folder}"}
    command = [sys.executable, "-m", "layerkit", "plugins", "list"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    # the first on the path is the one that Python imports, and the one that is shown
    assert "acme-layers 2.0" in result.stdout
    assert "acme-layers 1.0" not in result.stdout
    result = run(installation.folder, "plugins", "doctor")
    assert result.returncode == 0, result.stderr
