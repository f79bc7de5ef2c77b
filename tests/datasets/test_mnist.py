from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from layerkit.datasets.mnist import FILES, Mnist, fetched
from layerkit.errors import ArgumentError, DatasetError
from layerkit.types import Array
from tests.data.files import idx_bytes, targets
from tests.data.server import Answer, Server

X = np.arange(5 * 28 * 28).astype(np.uint8).reshape(5, 28, 28)
Y = np.array([5, 0, 4, 1, 9], np.uint8)


def folder_with(folder: Path, x: Array = X, y: Array = Y, *, style: str = "{}", split: str = "train") -> Path:
    """A folder with the two IDX files of a part."""
    folder.mkdir(parents=True, exist_ok=True)
    for file, array in zip(FILES[split], (x, y), strict=True):
        data = idx_bytes(array)
        name = style.format(file.name.replace("-idx", ".idx") if "dotted" in style else file.name)
        (folder / name.replace("dotted:", "")).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return folder


@pytest.mark.parametrize("style", ["{}", "{}.gz", "dotted:{}", "dotted:{}.gz"])
@pytest.mark.parametrize("inside", ["", "mnist"])
def test_a_folder_of_idx_files_is_read(tmp_path: Path, style: str, inside: str) -> None:
    folder_with(tmp_path / inside, style=style)
    train = Mnist(data_dir=str(tmp_path)).load("train")
    np.testing.assert_array_equal(train.x, X)
    np.testing.assert_array_equal(targets(train), Y)
    assert (train.x.dtype, targets(train).dtype) == (np.dtype("uint8"), np.dtype("int64"))
    assert train.classes == tuple("0123456789")


@pytest.mark.parametrize("inside", ["MNIST/raw", "raw", "MNIST", "mnist/raw"])
def test_folders_as_torchvision_lays_them_are_read(tmp_path: Path, inside: str) -> None:
    folder_with(tmp_path / "FashionMNIST" / "raw", X[:1], Y[:1])
    folder_with(tmp_path / inside)
    assert Mnist(data_dir=tmp_path).data_dir is tmp_path
    assert len(Mnist(data_dir=tmp_path).load("train")) == 5
    assert len(Mnist(data_dir=tmp_path / "FashionMNIST").load("train")) == 1


@pytest.mark.parametrize(
    "names",
    [
        ("TRAIN-IMAGES-IDX3-UBYTE", "TRAIN-LABELS-IDX1-UBYTE"),
        ("train-images.IDX3-ubyte.GZ", "train-labels.idx1.gz"),
        ("train_images.idx", "train_labels.idx"),
        ("Train-Images-ubyte", "train labels"),
    ],
)
def test_files_are_found_however_their_names_are_spelled(tmp_path: Path, names: tuple[str, str]) -> None:
    for name, array in zip(names, (X, Y), strict=True):
        (tmp_path / name).write_bytes(idx_bytes(array))
    for other in ("train-images.npy", "train-labels.csv", "test-images.idx"):
        (tmp_path / other).write_bytes(b"nothing")
    np.testing.assert_array_equal(Mnist(data_dir=tmp_path).load("train").x, X)


def test_a_part_is_read_without_the_other(tmp_path: Path) -> None:
    assert len(Mnist(data_dir=str(folder_with(tmp_path, split="test"))).load("test")) == 5


def test_the_environment_names_a_folder_and_the_argument_goes_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERKIT_DATA_DIR", str(folder_with(tmp_path / "five")))
    folder_with(tmp_path / "two", X[:2], Y[:2])
    assert len(Mnist().load("train")) == 5
    assert len(Mnist(data_dir=str(tmp_path / "two")).load("train")) == 2


def test_the_cache_is_read_where_no_folder_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERKIT_CACHE", str(tmp_path))
    folder_with(tmp_path / "mnist", np.zeros((10_000, 28, 28), np.uint8), np.zeros(10_000, np.uint8), split="test")
    assert len(Mnist().load("test")) == 10_000


@pytest.mark.parametrize(
    ("x", "y", "reason"),
    [
        (X, Y[:4], "train-labels-idx1-ubyte .with train-images-idx3-ubyte.: 5 rows of inputs but 4 of targets"),
        (X, Y + np.uint8(1), "train-labels.*: label 10 in row 4 is out of range: labels are 0 to 9"),
        (X[:, :27], Y, r"train-images.*: it holds uint8 values of shape \(5, 27, 28\); expected uint8 images"),
        (X.astype(np.float32), Y, "train-images.*: it holds float32 values"),
        (X, Y[:, np.newaxis], r"train-labels.*: it holds uint8 values of shape \(5, 1\); expected uint8 labels"),
        (X, Y.astype(np.int32), "train-labels.*: it holds int32 values"),
    ],
    ids=["counts", "label", "size", "floats", "axes", "integers"],
)
def test_files_that_are_not_mnist_are_refused(tmp_path: Path, x: Array, y: Array, reason: str) -> None:
    with pytest.raises(DatasetError, match=reason):
        Mnist(data_dir=str(folder_with(tmp_path, x, y))).load("train")


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="nowhere: there is no such folder"):
        Mnist(data_dir=str(tmp_path / "nowhere")).load("train")
    with pytest.raises(DatasetError, match="it holds no file t10k-images-idx3-ubyte or t10k-images"):
        Mnist(data_dir=str(folder_with(tmp_path))).load("test")
    with pytest.raises(ArgumentError, match="Mnist: split must be one of 'train', 'test', got 'validation'"):
        Mnist(data_dir=str(tmp_path)).load("validation")
    with pytest.raises(ArgumentError, match=r"Mnist: data_dir must be a path, as text or a pathlib\.Path, or None"):
        Mnist(data_dir=3)  # type: ignore[arg-type]
    folder_with(tmp_path / "root" / "FashionMNIST" / "raw")
    with pytest.raises(
        DatasetError, match=r"root: it holds no file .*; for another set, name its folder: .*/FashionMNIST"
    ):
        Mnist(data_dir=tmp_path / "root").load("train")


def test_offline_it_says_what_it_tried_and_what_works_without_a_network(tmp_path: Path) -> None:
    pytest.importorskip("pooch", reason='pooch is not installed: pip install "layerkit[download]"')
    mirrors = ("http://127.0.0.1:9/first/", "http://127.0.0.1:9/second/")
    with pytest.raises(DatasetError) as caught:
        fetched("train", tmp_path, mirrors=mirrors)
    told = str(caught.value)
    assert all(f"{mirror}train-images-idx3-ubyte.gz: " in told for mirror in mirrors)
    assert "--data-dir" in told
    assert "'digits'" in told


def test_without_pooch_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERKIT_CACHE", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DatasetError, match=r"layerkit\[download\].*--data-dir.*'digits'"):
        Mnist().load("train")


def test_the_published_files_are_downloaded_checked_and_read(
    shared_data: Path, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in FILES["test"]:
        server.answers[f"/{file.name}.gz"] = Answer((shared_data / "mnist" / f"{file.name}.gz").read_bytes())
    fetched("test", tmp_path / "mnist", mirrors=[server.address])
    monkeypatch.setenv("LAYERKIT_CACHE", str(tmp_path))
    test = Mnist().load("test")
    assert test.x.shape == (10_000, 28, 28)
    assert np.bincount(targets(test)).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_real_training_set(shared_data: Path) -> None:
    train = Mnist(data_dir=str(shared_data)).load("train")
    assert train.x.shape == (60_000, 28, 28)
    assert train.x.dtype == np.uint8
    assert np.bincount(targets(train)).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert train.x.mean() == pytest.approx(33.318, abs=1e-3)


def test_importing_the_datasets_touches_no_file_and_no_network() -> None:
    code = """
import sys
import numpy
opened = []
sys.addaudithook(lambda event, arguments: opened.append((event, *arguments))
    if event.startswith("socket.") or (event == "open" and not str(arguments[0]).endswith((".py", ".pyc"))) else None)
import layerkit.datasets.csv_file, layerkit.datasets.digits, layerkit.datasets.idx_files
import layerkit.datasets.mnist, layerkit.datasets.npz_file
assert not opened, opened
assert not {"pooch", "requests", "rich"} & sys.modules.keys()
layerkit.datasets.digits.Digits().load("train")
assert opened
"""
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])
