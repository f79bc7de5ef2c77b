"""The engine against layerkit's own conformance kit: the results of the ``numpy`` engine on a table of models."""

from __future__ import annotations

from layerkit_numba import NumbaEngine

from layerkit.testing import conformance

test_engine = conformance(NumbaEngine)
