"""The conformance kit: checks that any component passes, or fails with an explanation that a person can act on."""

from __future__ import annotations

from layerkit.testing.case import Case, Cases, cases_of
from layerkit.testing.checking import check
from layerkit.testing.forward_backward import step
from layerkit.testing.pytest_function import conformance
from layerkit.testing.report import Failure, Note, Report

__all__ = ["Case", "Cases", "Failure", "Note", "Report", "cases_of", "check", "conformance", "step"]
