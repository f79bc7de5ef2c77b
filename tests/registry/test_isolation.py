"""Installing a plugin adds names, never behaviour: what its import does besides is said, and not fought."""

from __future__ import annotations

import gc
import logging
import os
import random
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from layerkit import Context, Dense, Sequential, load, save
from layerkit.errors import PluginWarning
from layerkit.plugin import Failure, PluginHost
from tests.registry.installation import HEAD, HOOKS, RAMP, Installation


def warning(host: PluginHost) -> Failure:
    (failure,) = host.report()
    assert failure.severity == "warning"
    assert failure.hint
    return failure


def run(program: str, installation: Installation) -> subprocess.CompletedProcess[str]:
    environment = {"PYTHONPATH": os.pathsep.join([str(installation.folder), *sys.path])}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)


def test_a_listing_does_not_pay_for_a_slow_import(installation: Installation) -> None:
    installation.add("acme-layers", ramp="import time\ntime.sleep(30)\n" + RAMP)
    start = time.perf_counter()
    assert "acme/ramp" in [entry.short_name for entry in installation.host().components()]
    assert time.perf_counter() - start < 10
    assert "acme_layers.ramp" not in sys.modules


def test_what_an_import_prints_is_caught_and_reported(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.add("acme-layers", hooks="print('hello from \\x1b[31macme')\n" + HOOKS)
    host = installation.host()
    host.find("schedules", "acme/ramp")
    assert capsys.readouterr().out == ""
    assert warning(host).stage == "import"
    assert "printed 'hello from \\\\x1b[31macme'" in warning(host).error


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="only Linux has files in memory")
@pytest.mark.parametrize("act", ["os.write(1, b'hello')", "os.system('echo hello')"])
def test_what_goes_past_standard_output_is_caught_and_reported(installation: Installation, act: str) -> None:
    installation.add("acme-layers", hooks=f"import os\n{act}\n" + HOOKS)
    # in a process of its own: beside another thread it is let through, and a compiled engine's threads are parked here
    program = (
        "import os, sys; from layerkit.plugin import default_host; host = default_host(); print('before'); "
        "host.find('schedules', 'acme/ramp'); os.write(1, b'after'); print(*host.report(), file=sys.stderr)"
    )
    told = run(program, installation)
    assert told.stdout == "before\nafter"
    assert "printed 'hello'" in told.stderr


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("import os\nos.umask(0)", "the umask"),
        ("import os\nos.chdir('/')", "the current folder"),
        ("import sys\nsys.setrecursionlimit(5000)", "the recursion limit"),
        ("import numpy\nnumpy.seterr(all='ignore')", "NumPy's error handling"),
        ("import sys\nsys.stdout = None", "sys.stdout"),
        ("import os\nos.environ['HOME'] = '/'", "the environment's HOME"),
        ("import os\ndel os.environ['HOME']", "the environment's HOME"),
        ("import sys\nsys.path.append('acme')", "sys.path"),
        ("import sys\nsys.excepthook = print", "sys.excepthook"),
        ("import gc\ngc.disable()", "the garbage collector"),
        ("import logging\nlogging.basicConfig()\nlogging.root.setLevel(1)", "the root logger"),
        ("import warnings\nwarnings.simplefilter('ignore', DeprecationWarning)", "the warnings' filters"),
    ],
)
def test_what_holds_for_the_whole_process_is_watched(
    installation: Installation, act: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, mask, limit, errors = os.getcwd(), os.umask(0o022), sys.getrecursionlimit(), np.geterr()
    os.umask(0o022)
    path = [*sys.path]
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(logging.root, "level", logging.root.level)
    monkeypatch.setenv("HOME", os.environ.get("HOME", "."))
    installation.add("acme-layers", hooks=f"{act}\n{HOOKS}")
    host = installation.host()
    try:
        with pytest.warns(PluginWarning, match=f"for the whole process: {told}\\."):
            host.find("schedules", "acme/ramp")
    finally:
        # the same list: who put the installation in front of it takes it out again
        sys.path[:] = path
        os.chdir(folder)
        os.umask(mask)
        sys.setrecursionlimit(limit)
        np.seterr(**errors)
        gc.enable()
    assert warning(host).stage == "import"


def test_the_first_who_imports_numpy_is_watched_too(installation: Installation) -> None:
    installation.add("acme-layers", hooks=f"import numpy\nnumpy.seterr(over='raise')\n{HOOKS}")
    program = (
        "import sys; from layerkit.plugin import default_host; host = default_host(); host.components(); "
        "print(*(failure.error for failure in host.report()), sep='\\n')"
    )
    told = run(program, installation)
    assert told.stdout == "its import changed what holds for the whole process: NumPy's error handling\n"


def test_what_a_target_prints_is_reported_with_its_component(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    installation.add("acme-layers", ramp="print('hello')\n" + RAMP)
    host = installation.host()
    assert host.load("schedules", "acme/ramp")
    assert capsys.readouterr().out == ""
    assert (warning(host).stage, warning(host).component) == ("target", "schedule acme/ramp")


def test_a_long_output_is_cut(installation: Installation) -> None:
    installation.add("acme-layers", hooks="print('x' * 100_000)\n" + HOOKS)
    host = installation.host()
    host.components()
    assert len(warning(host).error) < 3000


def test_a_stream_that_the_plugin_kept_works_later(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    installation.add("acme-layers", hooks="import sys\nkept = sys.stdout\nkept.writelines(['a', 'b'])\n" + HOOKS)
    real = StringIO()
    monkeypatch.setattr(sys, "stdout", real)
    host = installation.host()
    host.components()
    assert sys.stdout is real
    assert real.getvalue() == ""
    kept = sys.modules["acme_layers.hooks"].kept
    print("later", file=kept, flush=True)
    assert real.getvalue() == "later\n"
    assert kept.encoding == real.encoding


def test_a_plugin_that_replaces_standard_output_does_not_keep_it(installation: Installation) -> None:
    installation.add("acme-layers", hooks="import io, sys\nsys.stdout = io.StringIO()\n" + HOOKS)
    before = sys.stdout
    with pytest.warns(PluginWarning, match=r"sys\.stdout"):
        installation.host().components()
    assert sys.stdout is before


@pytest.mark.parametrize("place", ["hooks", "ramp"])
def test_an_import_that_touches_the_global_generators_is_reported(installation: Installation, place: str) -> None:
    seeding = "import random\nimport numpy\nrandom.seed(1)\nnumpy.random.seed(1)\n"
    installation.add("acme-layers", **{place: seeding + (HOOKS if place == "hooks" else RAMP)})
    random.seed(5)
    np.random.seed(5)
    host = installation.host()
    with pytest.warns(PluginWarning, match=r"acme.*global random generator \(random, numpy.random\).*What to do"):
        assert host.load("schedules", "acme/ramp")
    assert host.load("schedules", "acme/ramp")
    assert "global random generator (random, numpy.random)" in warning(host).error


def test_touched_generators_are_reported_when_the_import_fails_as_well(installation: Installation) -> None:
    installation.add("acme-layers", hooks="import random\nrandom.seed(1)\nraise RuntimeError")
    random.seed(5)
    host = installation.host()
    with pytest.warns(PluginWarning, match="global random generator"):
        host.components()
    assert {failure.severity for failure in host.report()} == {"error", "warning"}


REPLACEMENTS = {
    "a class": "class Mine(m.ConstantRate): pass\nm.ConstantRate = Mine\n",
    "a method": "m.ConstantRate.rate = lambda self, step, ctx: 99.0\n",
    "a method, taken away": "del m.ConstantRate.rate\n",
    "a function": "import layerkit.arguments\nlayerkit.arguments.check_number = print\n",
}


@pytest.mark.parametrize("code", REPLACEMENTS.values(), ids=REPLACEMENTS.keys())
@pytest.mark.parametrize("place", ["hooks", "ramp"])
def test_a_plugin_that_replaces_a_part_of_layerkit_is_reported_and_works(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, place: str, code: str
) -> None:
    import layerkit.arguments
    import layerkit.schedules.constant as module

    monkeypatch.setattr(layerkit.arguments, "check_number", layerkit.arguments.check_number)
    monkeypatch.setattr(module.ConstantRate, "rate", module.ConstantRate.rate)
    monkeypatch.setattr(module, "ConstantRate", module.ConstantRate)
    code = "import layerkit.schedules.constant as m\n" + code
    installation.add("acme-layers", **{place: code + (HOOKS if place == "hooks" else RAMP)})
    host = installation.host()
    with pytest.warns(PluginWarning, match=r"acme.*replaced parts of layerkit: layerkit\..*What to do") as told:
        assert host.load("schedules", "acme/ramp").__name__ == "Ramp"
    assert len(told) == 1
    assert host.load("schedules", "acme/ramp").__name__ == "Ramp"
    assert "it replaced parts of layerkit: layerkit." in warning(host).error


def test_a_probe_on_a_built_in_is_the_user_s_own_affair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    original = Dense.forward

    def probe(self: Dense, x: np.ndarray, ctx: Context) -> np.ndarray:
        calls.append(len(x))
        return original(self, x, ctx)

    model = Sequential([Dense(2)]).initialize(3, seed=0)
    monkeypatch.setattr(Dense, "forward", probe)
    host = PluginHost(distributions=list, environment={})
    assert host.load("layers", "dense") is Dense
    save(model, tmp_path / "model.safetensors")
    load(tmp_path / "model.safetensors").predict(np.ones((4, 3)))
    assert calls == [4]
    assert host.examine() == []


def test_a_plugin_that_only_uses_layerkit_is_not_suspected(installation: Installation) -> None:
    hooks = "from layerkit import Dense, Sequential, Trainer\nimport layerkit.cli.main\n"
    installation.add("acme-layers", hooks=hooks + HOOKS)
    host = installation.host()
    assert host.load("schedules", "acme/ramp")
    assert host.report() == []


def test_threads_that_ask_together_load_a_plugin_once(installation: Installation) -> None:
    counting = "import time\ntime.sleep(0.05)\n\n"
    counting += "with open(__file__ + '.count', 'a') as file:\n    file.write('imported\\n')\n"
    installation.add("acme-layers", hooks=counting + HOOKS)
    host = installation.host()
    found: list[type] = []
    threads = [Thread(target=lambda: found.append(host.load("schedules", "acme/ramp"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert (installation.folder / "acme_layers" / "hooks.py.count").read_text() == "imported\n"


def test_two_hosts_do_not_share_what_they_found(installation: Installation) -> None:
    installation.add("acme-layers", hooks=HEAD)
    first, second = installation.host(), installation.host(LAYERKIT_PLUGINS="")
    first.components()
    second.components()
    assert len(first.report()) == 1
    assert second.report() == []
