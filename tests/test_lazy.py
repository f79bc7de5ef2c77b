"""Names that are imported when they are first asked for."""

from __future__ import annotations

from importlib import import_module

import pytest


@pytest.mark.parametrize(
    "package", ["layerkit", "layerkit.config", "layerkit.engines", "layerkit.experiments", "layerkit.plugin"]
)
def test_dir_lists_them(package: str) -> None:
    module = import_module(package)
    assert set(module.__all__) <= set(dir(module))
