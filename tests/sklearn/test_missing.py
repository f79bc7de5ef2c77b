"""Without scikit-learn."""

from __future__ import annotations

import sys

import pytest


def test_without_scikit_learn_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    for name in [name for name in sys.modules if name.partition(".sklearn")[0] == "layerkit" and name != "layerkit"]:
        if name.startswith("layerkit.sklearn"):
            monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r'pip install "layerkit\[sklearn\]"'):
        import layerkit.sklearn  # noqa: F401
