"""The engine against layerkit's own conformance kit: the results of the ``numpy`` engine on a table of models."""

from __future__ import annotations

import pytest
from layerkit_numba import NumbaEngine

from layerkit.testing import conformance

# in quick form, test_equality.py compares the engines
test_engine = pytest.mark.thorough(conformance(NumbaEngine))
