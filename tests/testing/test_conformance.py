"""``conformance``: one test a check, as pytest sees them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from layerkit.errors import ArgumentError
from layerkit.testing import conformance
from tests.testing.gallery.sound import Scale

ROOT = Path(__file__).resolve().parents[2]
TESTS = """
from layerkit.testing import conformance
from tests.testing.gallery.layers_gradients import WrongSign
from tests.testing.gallery.sound import Scale
from tests.testing.test_explained_failures import Forgotten

test_sound = conformance(Scale, input_shapes=[(4,)])
test_wrong = conformance(WrongSign, checks=["input-gradient", "batch-sizes"])
test_known = conformance(WrongSign, checks=["input-gradient"], expected_failures={"input-gradient": "to be mended"})
test_waived = conformance(Scale, checks=["threads", "documented"], waived={"threads": "no threads there"})
test_told = conformance(Forgotten, checks=["keeps-nothing-on-itself", "input-gradient"])
test_mended = conformance(Scale, checks=["input-gradient"], expected_failures={"input-gradient": "to be mended"})
"""


def test_each_check_is_a_test(tmp_path: Path) -> None:
    (tmp_path / "test_layers.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    found = {
        name: outcome
        for outcome, name in re.findall(r"^(PASSED|FAILED|XFAIL) test_layers\.py::(\S+)", done.stdout, re.M)
    }
    assert found["test_sound[parameter-gradients]"] == "PASSED"
    assert found["test_wrong[batch-sizes]"] == "PASSED"
    assert found["test_wrong[input-gradient]"] == "FAILED"
    assert found["test_known[input-gradient]"] == "XFAIL"
    assert found["test_mended[input-gradient]"] == "FAILED"
    assert found["test_told[keeps-nothing-on-itself]"] == "FAILED"
    assert "test_told[input-gradient]" not in found
    assert "keeps-nothing-on-itself fails, and this would say nothing new" in done.stdout
    assert "test_waived[threads]" not in found
    assert "waived: no threads there" in done.stdout
    assert "the sign is wrong" in done.stdout
    assert "SKIPPED [1]" in done.stdout
    assert "does not declare stochastic" in done.stdout
    assert "Traceback" not in done.stdout


def test_no_check_at_all_is_refused() -> None:
    with pytest.raises(ArgumentError, match="no check to run"):
        conformance(Scale, checks=[])


test_the_one_liner_works_in_this_suite_too = conformance(Scale, input_shapes=[(4,), (2, 3)])
