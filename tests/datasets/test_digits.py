from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerkit.data.archive import read_npz
from layerkit.datasets.digits import CONTENTS_SHA256, PATH, Digits, contents_sha256, read_packed
from layerkit.errors import ArgumentError, DatasetError
from scripts.make_digits import packed
from tests.data.files import mutants, targets

NAMES = ("x_train", "y_train", "x_test", "y_test")


def test_the_set_is_complete_and_its_classes_are_shared_out_evenly() -> None:
    train, test = Digits().load("train"), Digits().load("test")
    assert (train.x.shape, test.x.shape) == ((1438, 8, 8), (359, 8, 8))
    assert (train.x.dtype, targets(train).dtype) == (np.dtype("uint8"), np.dtype("int64"))
    assert train.classes == test.classes == tuple("0123456789")
    counts = np.bincount(np.concatenate([targets(train), targets(test)]))
    # the counts that the set's authors give for its test part
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.abs(np.bincount(targets(test)) - counts / 5).max() <= 1
    assert train.x.max() == 16


def test_no_image_is_in_both_parts() -> None:
    train, test = ({image.tobytes() for image in Digits().load(split).x} for split in ("train", "test"))
    assert len(train) == 1438
    assert len(test) == 359
    assert not train & test


def test_another_part_is_refused() -> None:
    with pytest.raises(ArgumentError, match="Digits: split must be one of 'train', 'test', got 'all'"):
        Digits().load("all")


def test_it_has_no_arguments() -> None:
    assert Digits().config == {}
    assert repr(Digits()) == "Digits()"


def test_a_damaged_or_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "digits.npz"
    with pytest.raises(DatasetError, match="there is no such file"):
        read_packed(path)
    for mutant in mutants(PATH.read_bytes(), 50):
        path.write_bytes(mutant)
        try:
            arrays = read_packed(path)
        except DatasetError:
            continue
        assert contents_sha256(arrays) == CONTENTS_SHA256


def test_a_well_formed_file_of_other_contents_is_refused(tmp_path: Path) -> None:
    arrays = read_npz(PATH, [NAMES])
    arrays["y_test"][7] += 1
    (tmp_path / "digits.npz").write_bytes(packed(arrays))
    with pytest.raises(DatasetError, match="another SHA-256 than published"):
        read_packed(tmp_path / "digits.npz")


def test_the_script_that_packs_it_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    arrays = read_npz(PATH, [NAMES])
    data = packed(arrays)
    assert data == packed(arrays)
    (tmp_path / "digits.npz").write_bytes(data)
    assert contents_sha256(read_packed(tmp_path / "digits.npz")) == CONTENTS_SHA256


def test_its_authors_and_its_licence_are_named_beside_it() -> None:
    notice = PATH.with_name("digits-NOTICE.txt").read_text(encoding="utf-8")
    for words in ("Alpaydin", "Kaynak", "UCI Machine Learning Repository", "CC BY 4.0", "Changes"):
        assert words in notice
