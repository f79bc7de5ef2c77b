"""layerkit: a neural-network framework in which every part is a plugin."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"


# Names are imported when they are first used: `import layerkit` stays fast, and the command line needs no NumPy.
# Type checkers read them in __init__.pyi, which scripts/make_generated_files.py writes.
def __getattr__(name: str) -> Any:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from layerkit.exports import exports, module_of
    from layerkit.lazy import lazily

    if name == "__all__":
        return list(exports())
    module = module_of(name)
    return lazily(__name__, {name: module} if module else {})(name)


def __dir__() -> list[str]:
    from layerkit.exports import exports

    return sorted({*globals(), *exports()})
