"""layerkit: a neural-network framework in which every part is a plugin."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


# Names are imported when they are first used: `import layerkit` stays fast, and the command line needs no NumPy. The
# table of them is generated: to read the kinds' own would take longer than to import a component.
def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from layerkit.exported import EXPORTED
    from layerkit.lazy import lazily

    return list(EXPORTED) if name == "__all__" else lazily(__name__, EXPORTED)(name)


def __dir__() -> list[str]:
    from layerkit.exported import EXPORTED

    return sorted({*globals(), *EXPORTED})
