"""What a search needs that layerkit itself does not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from layerkit.errors import SearchError

_SAMPLERS = {"cma-es": ("cmaes", 'pip install "layerkit[tune]"'), "gp": ("torch", "pip install torch")}


def require(package: str, what: str, install: str) -> None:
    """Refuse to begin without a package.

    Raises:
        SearchError: it is not installed; the message says how it is.
    """
    if find_spec(package) is None:
        raise SearchError(f"{what} needs {package}, which is not installed: {install}")


def require_optuna() -> None:
    """Refuse to begin without Optuna."""
    require("optuna", "a search for hyperparameters", 'pip install "layerkit[tune]"')


def require_sampler(name: str) -> None:
    """Refuse a sampler that needs what is not there."""
    if name in _SAMPLERS:
        package, install = _SAMPLERS[name]
        require(package, f"the sampler {name!r}", install)


@contextmanager
def quiet_optuna() -> Iterator[Any]:
    """Optuna, which says nothing meanwhile: what there is to say, layerkit does."""
    import warnings

    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield optuna
    finally:
        optuna.logging.set_verbosity(before)
