"""Configurations: components as plain values and back, and access to what is inside them by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.config.paths import ABSENT, Difference, differences, flat, get, parts, replaced

__all__ = ["ABSENT", "Difference", "differences", "flat", "get", "parts", "replaced"]

__getattr__ = lazily(__name__, dict.fromkeys(__all__, "layerkit.config.paths"))
