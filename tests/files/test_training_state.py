"""What a checkpoint's state may cost; benchmarks/reliability/parts/amplified.py tries what unfolds."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import layerkit
from benchmarks.reliability.anatomy import Anatomy
from benchmarks.reliability.parts.amplified import _edit_rest
from layerkit import Checkpoint, Dense, GradientDescent, Quadratic, Sequential, Trainer, resume, save_checkpoint
from layerkit.config.marked import MARKED
from layerkit.errors import ModelFileError, ShapeError
from layerkit.files import training_state
from layerkit.files.format.document import opened
from layerkit.files.limits import Limits
from layerkit.models import structure
from tests.files.forging import sound_file

X, Y = np.linspace(0, 1, 20)[:, None], np.linspace(1, 0, 20)[:, None]


def new_trainer() -> Trainer:
    optimizer = GradientDescent(0.1, momentum=0.5)
    return Trainer(Sequential([Dense(1)]), cost=Quadratic(), optimizer=optimizer, seed=0)


def checkpoint(folder: Path) -> Path:
    path = folder / "run.safetensors"
    new_trainer().fit((X, Y), epochs=3, callbacks=[Checkpoint(path)])
    return path


def forged(path: Path, edit: Callable[[Any], None]) -> None:
    anatomy = Anatomy.of(path.read_bytes())
    _edit_rest(anatomy, edit)
    anatomy.sign()
    path.write_bytes(anatomy.assemble())


def _name(rest: Any, name: str, value: Any) -> None:
    rest["$items"].append([name, value])


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda rest: _name(rest, "more", [{"$array": "training/0"}] * 2), "lacks the array 'training/0', or names it"),
        (lambda rest: _name(rest, "more", {"$array": "training/rest"}), "lacks the array 'training/rest'"),
        (lambda rest: _name(rest, "more", [[]] * 10**6), "more values than are allowed"),
        (lambda rest: _name(rest, "more", [{}] * 250_000), "more values than are allowed"),
        (lambda rest: _name(rest, "more", ["ab"] * 900_000), "more values than are allowed"),
        (
            lambda rest: _name(rest, "more", {"$items": [[place * (2**61 - 1), 0] for place in range(12_000)]}),
            "more than 16 keys of one hash",
        ),
        (lambda rest: _name(rest, "more", "a" * 13_000_000), "bytes besides history and arrays, more than the 12,582,"),
        (
            lambda rest: _name(rest, "more", "a" * 7_000_000 + "é"),
            "besides history and arrays, more than the 6,291,",
        ),
        (lambda rest: _name(rest, "more", "a" * 4_000_000 + "😀"), "besides history and arrays, more than the 3,145,"),
    ],
)
def test_what_would_unfold_is_refused_at_once(edit: Callable[[Any], None], told: str, tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    forged(path, edit)
    began = time.process_time()
    with pytest.raises(ModelFileError, match=told):
        resume(new_trainer(), path)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("sign", [b"]", b'"', b"[", b'""', b'["history",[', b"\\"])
def test_no_text_takes_long_to_refuse(sign: bytes, tmp_path: Path) -> None:
    path = checkpoint(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    text = sign * (16_000_000 // len(sign))
    end = len(anatomy.data)
    start, stop = anatomy.header["training/rest"]["data_offsets"]
    anatomy.data = anatomy.data[:start] + text + anatomy.data[stop:]
    for entry in anatomy.header.values():
        if entry["data_offsets"][0] >= stop:
            entry["data_offsets"] = [place + len(anatomy.data) - end for place in entry["data_offsets"]]
    anatomy.header["training/rest"] |= {"shape": [len(text)], "data_offsets": [start, start + len(text)]}
    anatomy.envelope["content"]["tensors"]["training/rest"]["shape"] = [len(text)]
    anatomy.sign()
    path.write_bytes(anatomy.assemble())
    began = time.process_time()
    with pytest.raises(ModelFileError):
        resume(new_trainer(), path)
    assert time.process_time() - began < 1


def test_an_array_that_no_state_names_is_refused(tmp_path: Path) -> None:
    path = checkpoint(tmp_path)

    def unnamed(rest: Any) -> None:
        [updates] = [value for name, value in rest["$items"] if name == "updates"]
        text = json.dumps(updates).replace('{"$array": "training/0"}', "0")
        [pair] = [pair for pair in rest["$items"] if pair[0] == "updates"]
        pair[1] = json.loads(text)

    forged(path, unnamed)
    with pytest.raises(ModelFileError, match="has no place for the array 'training/0'"):
        resume(new_trainer(), path)


def test_a_long_history_is_kept(tmp_path: Path) -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    first = trainer.history.records[0]
    records = [{**first, "epoch": epoch, "cost": 1 / epoch} for epoch in range(1, 50_001)]
    records[7] |= {"note": "seven", "nothing": None, "validation_cost": math.inf}
    trainer.history.records[:] = records
    save_checkpoint(trainer, tmp_path / "long.safetensors")
    other = new_trainer()
    resume(other, tmp_path / "long.safetensors")
    assert other.history.records == records


def test_what_could_not_be_read_again_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = new_trainer()
    trainer.fit((X, Y), epochs=1)
    monkeypatch.setattr(training_state, "Limits", lambda: Limits(rest_bytes=100))
    with pytest.raises(ModelFileError, match="more than allowed"):
        save_checkpoint(trainer, tmp_path / "run.safetensors")
    monkeypatch.setattr(training_state, "Limits", lambda: Limits(rest_weight=10))
    with pytest.raises(ModelFileError, match="more values than are allowed"):
        save_checkpoint(trainer, tmp_path / "run.safetensors")
    assert not list(tmp_path.iterdir())


def test_a_few_keys_of_one_hash_are_sound() -> None:
    plain = MARKED.plain({-1: "a", -2: "b", 3: "c"}, inner=lambda value: value)
    assert MARKED.value(plain, inner=lambda value: value) == {-1: "a", -2: "b", 3: "c"}


@pytest.mark.parametrize("size", [2**20, 3 * 2**30, 400 * 2**30])
def test_a_hole_of_any_size_is_refused_by_its_header(size: int, tmp_path: Path) -> None:
    path = sound_file(tmp_path)
    anatomy = Anatomy.of(path.read_bytes())
    end = len(anatomy.data)
    anatomy.header["parameters/hole"] = {"dtype": "U8", "shape": [size], "data_offsets": [end, end + size]}
    anatomy.envelope["content"]["tensors"]["parameters/hole"] = {"dtype": "U8", "shape": [size], "sha256": "0" * 64}
    anatomy.header, header = dict(list(anatomy.header.items())[:-1]), anatomy.header
    anatomy.sign()
    anatomy.header = header
    path.write_bytes(anatomy.assemble())
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + size)
    began = time.process_time()
    with pytest.raises(ModelFileError, match="has no place"):
        layerkit.load(path)
    assert time.process_time() - began < 1


def test_what_needs_more_memory_than_there_is_is_refused_before_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.safetensors"
    layerkit.save(Sequential([Dense(4096)]).initialize(4096, seed=0), path)
    monkeypatch.setattr(structure, "available_bytes", lambda: 10**8)
    with pytest.raises(ModelFileError, match=r"would need 128\.\d MiB of memory, and 95\.4 MiB are available"):
        layerkit.load(path)
    with pytest.raises(ShapeError, match=r"the largest is '0\.weight' \(Dense\) of shape \(4096, 4096\)"):
        Sequential([Dense(4096)]).initialize(4096)


def test_the_header_of_a_checkpoint_is_judged_before_its_arrays_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = checkpoint(tmp_path)
    with opened(path, Limits()) as document:
        read: list[str] = []
        monkeypatch.setattr(type(document), "read_into", lambda self, name, buffer: read.append(name))
        other = Trainer(Sequential([Dense(2)]), cost=Quadratic(), optimizer=GradientDescent(0.1), seed=0)
        with pytest.raises(layerkit.errors.ArgumentError, match="another model"):
            resume(other, path)
        assert read == []
