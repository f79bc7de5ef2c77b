"""Plugins with every kind of fault, each a real distribution: they are reported, quoted, and nobody else suffers."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from layerkit.errors import PluginError
from layerkit.registry.kinds import KINDS
from layerkit.schedules.table import TABLE
from tests.registry.installation import HEAD, HOOKS, Installation

IMPL = "\n@hookimpl\ndef layerkit_schedules():\n"


@dataclass(frozen=True)
class Fault:
    """A hook module, and what the report must say about it: stage, error, hint."""

    hooks: str
    stage: str
    error: str
    hint: str = ""
    modules: dict[str, str] = field(default_factory=dict)


REFUSED = {
    "raises at import": Fault(
        "raise RuntimeError('boom')", "import", "RuntimeError: boom (acme_layers/hooks.py, line 1)"
    ),
    "ends the program at import": Fault("import sys\nsys.exit('bye')", "import", "tried to end the program"),
    "raises a bare BaseException": Fault("raise BaseException('odd')", "import", "BaseException: odd"),
    "an error that cannot be shown": Fault(
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\n\nraise Odd",
        "import",
        "Odd: (its message cannot be shown)",
    ),
    "runs out of stack": Fault("def f(): f()\nf()", "import", "RecursionError"),
    "does not parse": Fault("def (:", "import", "SyntaxError"),
    "control characters in the error": Fault("raise RuntimeError('\\x1b[31mred')", "import", "\\x1b[31mred"),
    "missing dependency": Fault("import absent_toolbox.core", "import", "absent_toolbox", "pip install absent_toolbox"),
    "missing module of its own": Fault("from acme_layers import gone\nimport acme_layers.gone2", "import", "gone"),
    "missing submodule of its own": Fault(
        "import acme_layers.gone", "import", "acme_layers.gone", "reinstall acme-layers"
    ),
    "a dependency of another version": Fault("from json import gone", "import", "cannot import name", "update both"),
    "no API version": Fault("", "api", "does not say which API version", "layerkit_api = (1, 1)"),
    "malformed API version": Fault("layerkit_api = '1.0'", "api", "must be a tuple of two integers, got '1.0'"),
    "API version of booleans": Fault("layerkit_api = (True, False)", "api", "must be a tuple of two integers"),
    "API version of three numbers": Fault("layerkit_api = (1, 0, 0)", "api", "must be a tuple of two integers"),
    "older major API": Fault("layerkit_api = (0, 9)", "api", "plugin API 0.9", "newer version of the plugin"),
    "newer major API": Fault("layerkit_api = (2, 0)", "api", "plugin API 2.0", "newer layerkit"),
    "newer minor API": Fault(
        "layerkit_api = (1, 2)", "api", "plugin API 1.2; this layerkit offers 1.1", "newer layerkit"
    ),
    "misspelt hook": Fault(
        HEAD + "\n@hookimpl\ndef layerkit_layer():\n    return []\n",
        "register",
        "no hook 'layerkit_layer'. Did you mean 'layerkit_layers'",
        "must correct the name",
    ),
    "misspelt hook beside a right one": Fault(
        HOOKS + "\n@hookimpl\ndef layerkit_optimisers():\n    return []\n",
        "register",
        "Did you mean 'layerkit_optimizers'",
    ),
    "unmarked hook": Fault(
        HEAD + "\ndef layerkit_layers():\n    return []\n",
        "register",
        "layerkit_layers is not marked",
        "@hookimpl above",
    ),
    "no hook at all": Fault(HEAD, "register", "has no hook"),
    "hook with an argument": Fault(
        HEAD + "\n@hookimpl\ndef layerkit_schedules(model):\n    return []\n", "register", "{'model'} are declared"
    ),
    "hook as a wrapper": Fault(
        HEAD + "\n@hookimpl(wrapper=True)\ndef layerkit_schedules():\n    return (yield)\n", "register", "is a wrapper"
    ),
    "hook raises": Fault(HEAD + IMPL + "    1 / 0", "hook", "layerkit_schedules raised ZeroDivisionError"),
    "hook ends the program": Fault(HEAD + IMPL + "    raise SystemExit(3)", "hook", "tried to end the program"),
    "hook returns None": Fault(HEAD + IMPL + "    pass", "hook", "returned None", "a list of Component records"),
    "hook returns text": Fault(HEAD + IMPL + "    return 'ramp'", "hook", "returned an object of type str"),
    "hook returns one record": Fault(
        HEAD + IMPL + "    return Component('a', target='a:B', summary='s')", "hook", "an object of type Component"
    ),
    "hook returns classes": Fault(HEAD + IMPL + "    return [int]", "hook", "a list with an object of type type in it"),
    "hook returns a list of None": Fault(HEAD + IMPL + "    return [None]", "hook", "a list with None in it"),
    "hook is a generator that raises": Fault(
        HEAD + IMPL + "    yield Component('a', target='a:B', summary='s')\n    1 / 0",
        "hook",
        "an object of type generator",
    ),
    "hook gives one name twice": Fault(
        HEAD + IMPL + "    return [Component('a', target=t, summary='s') for t in ('a:B', 'a:C')]",
        "hook",
        "announced the name 'a' twice",
    ),
    "two hooks give one name": Fault(
        HOOKS
        + "\n@hookimpl(specname='layerkit_schedules')\ndef more():\n"
        + "    return [Component('ramp', target='a:B', summary='s')]\n",
        "hook",
        "announced the name 'ramp' twice",
    ),
    "claims a bare name": Fault(
        HEAD + IMPL + "    return [Component('layerkit/constant', target='a:B', summary='s')]",
        "hook",
        "name must be lowercase words",
    ),
    "a target that is none": Fault(
        HEAD + IMPL + "    return [Component('a', target='a.B', summary='s')]", "hook", "target must be 'module:Class'"
    ),
}


@pytest.mark.parametrize("fault", REFUSED.values(), ids=REFUSED.keys())
def test_a_faulty_plugin_is_refused_reported_and_quoted(installation: Installation, fault: Fault) -> None:
    installation.add("acme-layers", version="0.7", hooks=fault.hooks)
    installation.add("good-plugin", namespace="good")
    host = installation.host()

    names = [entry.short_name for entry in host.components("schedules")]
    assert names == [*(row.name for row in TABLE), "good/ramp"]
    (failure,) = host.report()
    assert (failure.namespace, failure.distribution, failure.version) == ("acme", "acme-layers", "0.7")
    assert failure.stage == fault.stage
    assert failure.severity == "error"
    assert fault.error in failure.error
    assert "\n" not in failure.error
    assert fault.hint in failure.hint
    assert failure.hint
    with pytest.raises(PluginError) as caught:
        host.load("schedules", "acme/ramp")
    assert str(caught.value) == str(failure)
    assert "acme-layers 0.7" in str(failure)
    assert fault.stage in str(failure)
    assert host.load("schedules", "good/ramp").__name__ == "Ramp"


def test_an_interrupt_from_the_keyboard_passes_and_the_plugin_can_be_asked_for_again(
    installation: Installation,
) -> None:
    once = "from pathlib import Path\nseen = Path(__file__ + '.seen')\n"
    once += "if not seen.exists():\n    seen.touch()\n    import signal\n    signal.raise_signal(signal.SIGINT)\n"
    installation.add("acme-layers", hooks=once + HOOKS)
    host = installation.host()
    with pytest.raises(KeyboardInterrupt):
        host.find("schedules", "acme/ramp")
    assert host.find("schedules", "acme/ramp").name == "ramp"
    assert host.report() == []


class _TimeIsUpError(Exception):
    pass


def _raise_time_is_up(number: int, frame: object) -> None:
    raise _TimeIsUpError


class _Alarm:
    def __call__(self, number: int, frame: object) -> None:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("handler", "raised"),
    [(_raise_time_is_up, _TimeIsUpError), (partial(_raise_time_is_up), _TimeIsUpError), (_Alarm(), KeyboardInterrupt)],
    ids=["function", "partial", "object"],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_a_time_limit_of_the_program_passes_and_nothing_is_remembered(
    installation: Installation, handler: Any, raised: type[BaseException], wrapped: bool
) -> None:
    once = "from pathlib import Path\nimport signal\nseen = Path(__file__ + '.seen')\n"
    once += "if not seen.exists():\n    seen.touch()\n    try:\n        signal.raise_signal(signal.SIGUSR1)\n"
    once += f"    except BaseException as error:\n        raise{' ImportError() from error' if wrapped else ''}\n"
    installation.add("acme-layers", hooks=once + HOOKS)
    host = installation.host()
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with pytest.raises(raised):
            host.find("schedules", "acme/ramp")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert host.find("schedules", "acme/ramp").name == "ramp"
    assert host.report() == []


@pytest.mark.parametrize(
    "hooks",
    [
        HEAD + IMPL + "    raise KeyboardInterrupt",
        "class Meta(type):\n    def __getattribute__(cls, name): raise KeyboardInterrupt\n"
        "class Hostile(metaclass=Meta): pass\n" + HEAD + IMPL + "    return [Hostile]",
        "raise KeyboardInterrupt",
    ],
    ids=["hook", "metaclass", "import"],
)
def test_an_interrupt_that_nobody_gave_is_the_plugin_s_fault(installation: Installation, hooks: str) -> None:
    installation.add("acme-layers", hooks=hooks)
    installation.add("good-layers", namespace="good")
    host = installation.host()
    assert "good/ramp" in [entry.short_name for entry in host.components("schedules")]
    (failure,) = host.report()
    assert (failure.namespace, failure.severity) == ("acme", "error")


def test_ctrl_c_does_what_it_did_before_a_plugin_was_asked(installation: Installation) -> None:
    before = signal.getsignal(signal.SIGINT)
    installation.add("acme-layers")
    installation.host().components()
    assert signal.getsignal(signal.SIGINT) is before


def test_a_hook_module_that_does_not_exist(installation: Installation) -> None:
    installation.add("acme-layers", entry_points="[layerkit]\nacme = acme_gone.hooks\n")
    host = installation.host()
    host.components()
    (failure,) = host.report()
    assert "No module named 'acme_gone'" in failure.error
    assert "reinstall acme-layers" in failure.hint


def test_all_failures_of_one_plugin_are_reported_together(installation: Installation) -> None:
    hooks = HEAD + IMPL + "    return 3\n@hookimpl\ndef layerkit_costs():\n    1 / 0\n"
    installation.add("acme-layers", hooks=hooks)
    host = installation.host()
    host.components()
    assert [failure.error.split()[0] for failure in host.report()] == ["layerkit_costs", "layerkit_schedules"]
    with pytest.raises(PluginError, match=r"layerkit_costs raised.*layerkit_schedules returned"):
        host.find("schedules", "acme/ramp")


def test_a_plugin_that_asks_the_host_for_itself_while_it_is_imported(installation: Installation) -> None:
    hooks = "from layerkit.plugin import default_host\nimport acme_layers\n"
    hooks += "acme_layers.host.find('schedules', 'acme/ramp')\n"
    installation.add("acme-layers", hooks=hooks, __init__="host = None\n")
    host = installation.host()
    import acme_layers  # type: ignore[import-not-found]

    acme_layers.host = host
    host.components()
    (failure,) = host.report()
    assert "while that is being imported" in failure.error


BROKEN_TARGETS = {
    "module missing": ("{package}.gone:Ramp", "No module named 'acme_layers.gone'", "reinstall acme-layers"),
    "attribute missing": ("{package}.ramp:Ramps", "has no 'Ramps'. Did you mean 'Ramp'?", "update acme-layers"),
    "dependency missing": ("{package}.needy:Needy", "absent_toolbox", "pip install absent_toolbox"),
    "import raises": ("{package}.angry:Angry", "RuntimeError: boom (acme_layers/angry.py, line 1)", "DENY"),
    "import ends the program": ("{package}.quitter:Quitter", "tried to end the program", "DENY"),
    "import raises AttributeError": ("{package}.clumsy:Clumsy", "has no attribute 'gone'", "DENY"),
    "not a class": ("{package}.wrong:function", "is not a class, but of type function", "update"),
    "not a subclass": ("{package}.wrong:Stranger", "is not a schedule: it does not derive from layerkit.int", "update"),
    "another kind": ("{package}.wrong:Other", "is not a schedule", "update"),
    "abstract": ("{package}.wrong:Unfinished", "is abstract: it does not implement rate", "update"),
    "the base itself": ("layerkit.interfaces.schedule:Schedule", "is the base class of all schedules", "update"),
}

TARGET_MODULES = {
    "needy": "import absent_toolbox",
    "angry": "raise RuntimeError('boom')",
    "quitter": "raise SystemExit",
    "clumsy": "import math\nmath.gone",
    "wrong": """
from layerkit.interfaces.metric import Metric
from layerkit.interfaces.schedule import Schedule

def function(): pass
class Stranger: pass
class Unfinished(Schedule): pass
class Other(Metric):
    start = update = result = None
""",
}


@pytest.mark.parametrize(("target", "error", "hint"), BROKEN_TARGETS.values(), ids=BROKEN_TARGETS.keys())
def test_a_broken_target_costs_the_plugin_that_component_alone(
    installation: Installation, target: str, error: str, hint: str
) -> None:
    hooks = HEAD + IMPL + f"    return [Component('bad', target='{target}', summary='s'),\n"
    hooks += "            Component('ramp', target='{package}.ramp:Ramp', summary='s')]\n"
    installation.add("acme-layers", hooks=hooks, **TARGET_MODULES)
    host = installation.host()
    assert [entry.name for entry in host.components("schedules") if entry.namespace == "acme"] == ["bad", "ramp"]
    assert host.report() == []
    with pytest.raises(PluginError) as first:
        host.load("schedules", "acme/bad")
    with pytest.raises(PluginError) as second:
        host.load("schedules", "acme/bad")
    (failure,) = host.report()
    assert str(first.value) == str(second.value) == str(failure)
    assert (failure.stage, failure.component) == ("target", "schedule acme/bad")
    assert error in failure.error
    assert hint in failure.hint
    assert host.create("schedules", "acme/ramp", slope=2).rate(3, None) == 6


def test_a_target_that_fails_is_tried_once(installation: Installation) -> None:
    angry = "with open(__file__ + '.count', 'a') as file:\n    file.write('tried\\n')\nraise RuntimeError\n"
    installation.add("acme-layers", ramp=angry)
    host = installation.host()
    for _ in range(3):
        with pytest.raises(PluginError):
            host.load("schedules", "acme/ramp")
    assert (installation.folder / "acme_layers" / "ramp.py.count").read_text() == "tried\n"


def test_an_example_is_something_to_run(installation: Installation) -> None:
    hooks = HEAD + "\n@hookimpl\ndef layerkit_examples():\n    return [\n"
    for name in ("function", "PATH", "NUMBER"):
        hooks += f"        Component('{name.lower()}', target='{{package}}.things:{name}', summary='s'),\n"
    installation.add(
        "acme-layers",
        hooks=hooks + "    ]\n",
        things="from pathlib import Path\nPATH = Path(__file__)\nNUMBER = 3\ndef function(): return 4\n",
    )
    host = installation.host()
    assert host.load("examples", "acme/function")() == 4
    assert host.load("examples", "acme/path").name == "things.py"
    with pytest.raises(PluginError, match="is neither a function nor a path nor an experiment, but of type int"):
        host.load("examples", "acme/number")


def test_the_examination_finds_what_was_not_asked_for(installation: Installation) -> None:
    hooks = HEAD + IMPL + "    return [Component('bad', target='{package}.gone:Gone', summary='s')]\n"
    installation.add("acme-layers", hooks=hooks)
    host = installation.host()
    host.components()
    assert host.report() == []
    (failure,) = [failure for failure in host.examine() if failure.namespace == "acme"]
    assert failure.stage == "target"


def test_every_kind_of_component_is_checked_against_its_own_base(installation: Installation) -> None:
    hooks = HEAD + "".join(
        f"\n@hookimpl\ndef {kind.hook}():\n    return [Component('bad', target='decimal:Decimal', summary='s')]\n"
        for kind in KINDS.values()
        if kind.base
    )
    installation.add("acme-layers", hooks=hooks)
    host = installation.host()
    for kind in KINDS.values():
        if kind.base:
            with pytest.raises(PluginError, match=f"decimal:Decimal is not {kind.a}"):
                host.load(kind.name, "acme/bad")
