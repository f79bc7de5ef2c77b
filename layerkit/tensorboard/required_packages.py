"""The packages that write for TensorBoard."""

from __future__ import annotations

import os
from importlib import import_module

from layerkit.errors import MissingExtraError

_SET_BY_IMPORT = "CRC32C_SW_MODE"
"""What tensorboardX leaves in the environment, for everybody, when it is imported."""


def require_packages(*, images: bool) -> None:
    """Import tensorboardX and, for images, Pillow.

    Raises:
        MissingExtraError: one of them is missing.
    """
    unset = _SET_BY_IMPORT not in os.environ
    try:
        for package in ("tensorboardX", "tensorboardX.summary", *["PIL.Image"] * images):
            import_module(package)
    except ImportError as error:
        raise MissingExtraError(
            f"TensorBoard: events are written by tensorboardX, with images by Pillow, and {error.name} is not "
            'installed: pip install "layerkit[tensorboard]"'
        ) from error
    finally:
        if unset:
            os.environ.pop(_SET_BY_IMPORT, None)
