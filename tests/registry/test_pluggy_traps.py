"""What pluggy does when a plugin is faulty, and why the host calls each implementation by itself."""

from __future__ import annotations

from types import ModuleType

import pluggy
import pytest

from layerkit.errors import PluginError
from layerkit.plugin import Component, hookimpl
from layerkit.registry.hooks import PROJECT, SPECIFICATIONS
from tests.registry.installation import HEAD, HOOKS, Installation

RAISING = HEAD + "\n@hookimpl\ndef layerkit_schedules():\n    raise ValueError('boom')\n"


def test_in_a_shared_manager_one_raising_plugin_aborts_the_call_for_all() -> None:
    def layerkit_schedules() -> list[Component]:
        raise ValueError("boom")

    good, bad = ModuleType("good"), ModuleType("bad")
    vars(good)["layerkit_schedules"] = hookimpl(lambda: [])
    vars(bad)["layerkit_schedules"] = hookimpl(layerkit_schedules)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(SPECIFICATIONS)
    manager.register(good)
    manager.register(bad)
    with pytest.raises(ValueError, match="boom"):
        manager.hook.layerkit_schedules()


@pytest.mark.parametrize("bad_namespace", ["aaa", "zzz"], ids=["before the good one", "after the good one"])
def test_in_the_host_it_aborts_nothing(installation: Installation, bad_namespace: str) -> None:
    installation.add("good-plugin", namespace="good")
    installation.add("bad-plugin", namespace=bad_namespace, hooks=RAISING)
    host = installation.host()
    names = [entry.short_name for entry in host.components("schedules")]
    assert "good/ramp" in names
    assert not any(name.startswith(bad_namespace) for name in names)
    assert [failure.stage for failure in host.report()] == ["hook"]


def test_a_registration_that_fails_half_way_leaves_nothing_behind(installation: Installation) -> None:
    hooks = HOOKS + "\n@hookimpl\ndef layerkit_transforms(model):\n    return []\n"
    installation.add("acme-layers", hooks=hooks)
    host = installation.host()
    assert not [entry for entry in host.components() if entry.namespace == "acme"]
    with pytest.raises(PluginError, match=r"stage register.*model"):
        host.find("schedules", "acme/ramp")


def test_one_module_may_serve_two_namespaces(installation: Installation) -> None:
    installation.add("acme-layers", entry_points="[layerkit]\nacme = acme_layers.hooks\nmore = acme_layers.hooks\n")
    host = installation.host()
    names = [entry.short_name for entry in host.components("schedules")]
    assert names[-2:] == ["acme/ramp", "more/ramp"]
    assert host.report() == []


def test_pluggy_itself_accepts_a_misspelt_hook() -> None:
    module = ModuleType("misspelt")
    vars(module)["layerkit_schedule"] = hookimpl(lambda: [])
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(SPECIFICATIONS)
    assert manager.register(module) == "misspelt"
    with pytest.raises(pluggy.PluginValidationError, match="layerkit_schedule"):
        manager.check_pending()


def test_pluggy_drops_none_from_the_answers() -> None:
    module = ModuleType("silent")
    vars(module)["layerkit_schedules"] = hookimpl(lambda: None)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(SPECIFICATIONS)
    manager.register(module)
    assert manager.hook.layerkit_schedules() == []
