"""What a fresh interpreter imports."""

from __future__ import annotations

import subprocess
import sys

import pytest


def imported_by(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint('\\n'.join(sys.modules))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(result.stdout.split())


COMPONENT_FOLDERS = ("layers", "activations", "costs", "optimizers", "schedules", "initializers", "engines", "models")

USES = {
    "what a hook module imports": "from layerkit.plugin import Component, hookimpl",
    "the host": "from layerkit.plugin import PluginHost",
    "a look-up": "from layerkit.plugin import PluginHost\nPluginHost().find('layers', 'dense')",
    "a listing": "from layerkit.plugin import PluginHost\n"
    "assert PluginHost(distributions=list, environment={}).components()",
}


@pytest.mark.parametrize("code", USES.values(), ids=USES.keys())
def test_no_numpy_and_no_component_is_imported(code: str) -> None:
    modules = imported_by(code)
    assert "numpy" not in modules
    inside = {name for name in modules if name.startswith(tuple(f"layerkit.{part}." for part in COMPONENT_FOLDERS))}
    assert not {name for name in inside if not name.endswith(".table")}


def test_a_hook_module_does_not_pay_for_the_host() -> None:
    modules = imported_by("from layerkit.plugin import Component, hookimpl")
    assert not modules & {"importlib.metadata", "layerkit.registry.host", "difflib", "random"}


def test_looking_up_a_built_in_reads_no_metadata() -> None:
    assert "importlib.metadata" not in imported_by(USES["a look-up"])


def test_importing_the_package_reads_no_table() -> None:
    modules = imported_by("import layerkit\nassert not hasattr(layerkit, '__wrapped__')")
    assert {name for name in modules if name.startswith("layerkit")} == {"layerkit"}


def test_asking_what_the_package_offers_imports_no_component() -> None:
    code = "import layerkit\nassert {'Dense', 'Layer', 'Trainer', 'load'} <= {*dir(layerkit), *layerkit.__all__}"
    assert "numpy" not in imported_by(code)


def test_an_unknown_attribute_of_the_package_is_refused() -> None:
    import layerkit.plugin

    with pytest.raises(AttributeError, match="has no attribute 'Plugin'"):
        _ = layerkit.plugin.Plugin
