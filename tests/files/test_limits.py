"""A file costs little before it is believed: time to refuse, and memory to load."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy, assembled
from layerkit import Constant, Dense, Sequential
from layerkit.errors import ModelFileError
from tests.files.forging import architecture, sound_file

_MIB = 2**20

# the growth of the peak from before the load, in bytes; VmHWM is this process's own, whoever started it
_MEASURE = """
import sys
import numpy
import layerkit
from layerkit.errors import ModelFileError

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

layerkit.load(sys.argv[2])
before = peak()
try:
    layerkit.load(sys.argv[1])
except ModelFileError:
    pass
print(peak() - before)
"""


def growth(path: Path, warm: Path) -> int:
    """How much memory a load takes at most, in a process of its own that has loaded a small file before."""
    command = [sys.executable, "-c", _MEASURE, str(path), str(warm)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's memory is read from /proc")
def test_loading_takes_less_than_twice_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.safetensors"
    model = Sequential([Dense(4096, initializer=Constant(1.0)), Dense(4096, initializer=Constant(2.0))])
    layerkit.save(model.initialize(4096), path)
    size = path.stat().st_size
    assert size > 128 * _MIB
    assert growth(path, sound_file(tmp_path)) < 1.3 * size


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of a process's memory is read from /proc")
@pytest.mark.parametrize("filler", [b"[],", b'{"a":1},', b'"",', b"0,"])
def test_a_header_that_would_unfold_takes_little(filler: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bomb.safetensors"
    path.write_bytes(assembled(b'{"a":[' + filler * (4_000_000 // len(filler)) + b"0]}", b""))
    warm = sound_file(tmp_path)
    assert growth(path, warm) < 2 * path.stat().st_size + 64 * _MIB


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":"' + b'\\"' * 2_000_000,
        b'"' * 4_000_000,
        b"[" * 4_000_000,
        b'{"a":"' + b"\\" * 4_000_000,
        b"-" * 4_000_000,
    ],
    ids=["escaped quotes", "quotes", "brackets", "backslashes", "signs"],
)
def test_no_text_takes_long_to_refuse(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "slow.safetensors"
    path.write_bytes(assembled(text, b""))
    began = time.process_time()
    with pytest.raises(ModelFileError):
        layerkit.load(path)
    assert time.process_time() - began < 1


def test_a_claim_of_enormous_arrays_costs_nothing(tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    for units in (2**20, 2**40, 10**30):
        architecture(anatomy)["layers"][0]["arguments"]["units"] = units
        anatomy.sign()
        path.write_bytes(anatomy.assemble())
        began = time.process_time()
        with pytest.raises(ModelFileError, match="its architecture needs"):
            layerkit.load(path)
        assert time.process_time() - began < 1


def test_ten_thousand_layers_load_and_more_are_refused_in_time(tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    activation = {"$activation": "layerkit/relu", "arguments": {}}
    architecture(anatomy)["layers"] += [activation] * 20_000
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    began = time.process_time()
    with pytest.raises(ModelFileError, match="more than the 10,000 parts"):
        layerkit.load(path)
    assert time.process_time() - began < 1
