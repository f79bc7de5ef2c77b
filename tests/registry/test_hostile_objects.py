"""Objects that raise when they are looked at: a listing and the doctor end in a report, never in a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from layerkit.errors import PluginError
from tests.registry.installation import HEAD, HOOKS, RAMP, Installation

IMPL = "\n@hookimpl\ndef layerkit_schedules():\n"
RECORD = "Component('ramp', target='{package}.ramp:Ramp', summary='s')"
LIAR = """
class Liar:
    @property
    def __class__(self):
        raise SystemExit(3)
"""
NAMELESS = """
class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(4)

class Nameless(Exception, metaclass=Meta):
    def __str__(self):
        raise SystemExit(5)
    @property
    def __class__(self):
        raise SystemExit(6)
"""
TEXT = """
class Text(str):
    def __len__(self): raise SystemExit(7)
    def isprintable(self): return True
    def __format__(self, specification): raise SystemExit(8)
"""
HOOK_MODULES = {
    "an answer that lies about its class": (HEAD + LIAR + IMPL + "    return Liar()", "it tried to end the program"),
    "a record that lies about its class": (HEAD + LIAR + IMPL + "    return [Liar()]", "it tried to end the program"),
    "a summary that became a number": (
        HEAD + IMPL + f"    row = {RECORD}\n    object.__setattr__(row, 'summary', 5)\n    return [row]",
        "summary must be one line of text, got 5",
    ),
    "a record of which a part is gone": (
        HEAD + IMPL + f"    row = {RECORD}\n    object.__delattr__(row, 'target')\n    return [row]",
        "AttributeError",
    ),
    "an exception without name and message": (HEAD + NAMELESS + "raise Nameless", "an error without a name"),
    "a hook that raises one": (HEAD + NAMELESS + IMPL + "    raise Nameless", "an error without a name"),
    "an API version that lies": (LIAR + "layerkit_api = Liar()", "layerkit_api must be a tuple"),
    "a function that lies": (HEAD + LIAR + "layerkit_layers = Liar()\n", ""),
    "output that is no text": (HEAD + "import sys\nsys.stdout.write(3)\nraise ValueError", "TypeError"),
}
TARGETS = {
    "lies about its class": (LIAR + "Ramp = Liar()", "cannot be examined: it tried to end the program"),
    "a class that lies about its class": (
        "class Meta(type):\n    @property\n    def __class__(cls): raise SystemExit\nclass Ramp(metaclass=Meta): pass",
        "is not a schedule",
    ),
    "abstract methods that are a number": (RAMP + "\nRamp.__abstractmethods__ = 5", "cannot be examined: TypeError"),
    "a mark of abstraction that raises": (
        "from layerkit import Schedule\nfrom abc import ABCMeta\n"
        "class Meta(ABCMeta):\n    def __subclasscheck__(cls, other): raise SystemExit\n"
        "    @property\n    def __mro__(cls): raise SystemExit\n"
        "class Ramp(metaclass=Meta): pass",
        "is not a schedule",
    ),
    "an import that raises what cannot be shown": (NAMELESS + "raise Nameless", "an error without a name"),
}


@pytest.mark.parametrize(("hooks", "told"), HOOK_MODULES.values(), ids=HOOK_MODULES.keys())
def test_a_hostile_hook_module_is_a_failure_among_others(installation: Installation, hooks: str, told: str) -> None:
    installation.add("acme-layers", hooks=hooks)
    installation.add("good-plugin", namespace="good")
    host = installation.host()
    assert [entry.short_name for entry in host.components("schedules")][-1] == "good/ramp"
    found = [failure for failure in host.examine() if failure.namespace == "acme"]
    (failure,) = (failure for failure in found if failure.severity == "error")
    assert told in failure.error
    with pytest.raises(PluginError):
        host.load("schedules", "acme/ramp")


@pytest.mark.parametrize(("ramp", "told"), TARGETS.values(), ids=TARGETS.keys())
def test_a_hostile_target_costs_that_component_alone(installation: Installation, ramp: str, told: str) -> None:
    installation.add("acme-layers", ramp=ramp)
    host = installation.host()
    (failure,) = (failure for failure in host.examine() if failure.namespace == "acme")
    assert (failure.stage, failure.severity) == ("target", "error")
    assert told in failure.error
    with pytest.raises(PluginError, match="acme/ramp"):
        host.load("schedules", "acme/ramp")


def test_text_that_raises_when_it_is_shown_is_taken_for_the_text_it_is(installation: Installation) -> None:
    hooks = HEAD + TEXT + IMPL + "    return [Component(Text('ramp'), target='{package}.ramp:Ramp', summary=Text('s'))]"
    installation.add("acme-layers", hooks=hooks)
    entry = installation.host().find("schedules", "acme/ramp")
    assert type(entry.name) is type(entry.summary) is str


RAISED = "import signal; signal.raise_signal(signal.SIGINT)"


def test_an_interrupt_passes_while_a_target_is_looked_at(installation: Installation) -> None:
    installation.add("acme-layers", ramp=LIAR.replace("raise SystemExit(3)", RAISED) + "Ramp = Liar()")
    with pytest.raises(KeyboardInterrupt):
        installation.host().load("schedules", "acme/ramp")


CLOSINGS = {
    "in the hook module": {"hooks": "import sys\nsys.stdout.close()\n" + HOOKS},
    "the original, in a target": {"ramp": "import sys\nsys.__stdout__.close()\n" + RAMP},
}


@pytest.mark.parametrize("modules", CLOSINGS.values(), ids=CLOSINGS.keys())
@pytest.mark.parametrize("command", [["list"], ["plugins", "doctor"]], ids=" ".join)
def test_a_plugin_cannot_close_standard_output(
    installation: Installation, modules: dict[str, str], command: list[str], tmp_path: Path
) -> None:
    installation.add("acme-layers", **modules)
    code = "import sys; sys.path.insert(0, sys.argv[1]); from layerkit.cli.main import main; main(sys.argv[2:])"
    run = [sys.executable, "-c", code, str(installation.folder), *command]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env={"LAYERKIT_PLUGINS": "acme"})
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert ("acme/ramp" if command == ["list"] else "installed: 0 failures") in done.stdout


def test_a_component_that_cannot_be_described_is_told_in_one_line(installation: Installation) -> None:
    hostile = "\nclass Meta(type(Schedule)):\n    @property\n    def __signature__(cls): raise SystemExit(9)\n"
    installation.add(
        "acme-layers", ramp=RAMP.replace("class Ramp(Schedule)", f"{hostile}\nclass Ramp(Schedule, metaclass=Meta)")
    )
    code = "import sys; sys.path.insert(0, sys.argv[1]); from layerkit.cli.main import main; main(sys.argv[2:])"
    run = [sys.executable, "-c", code, str(installation.folder), "show", "acme/ramp"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env={"LAYERKIT_PLUGINS": "acme"})
    assert "Traceback" not in done.stderr
    assert "acme/ramp cannot be described: it tried to end the program" in done.stderr
