from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerkit import Dense, Flatten, ImageFolder, Sequential
from layerkit.errors import ArgumentError, DatasetError

pytestmark = pytest.mark.extra
Image = pytest.importorskip("PIL.Image", reason='Pillow is not installed: pip install "layerkit[images]"')
RNG = np.random.default_rng(0)


def drawn(*shape: int) -> Any:
    return RNG.integers(0, 256, shape).astype(np.uint8)


def saved(path: Path, pixels: Any, **options: Any) -> Any:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)
    return pixels


@pytest.fixture
def animals(tmp_path: Path) -> Path:
    for name, count, first in (("dog", 10, 100), ("cat", 20, 0)):
        for number in range(count):
            pixels = np.full((4, 6), first + number, np.uint8)
            saved(tmp_path / "animals" / name / f"{number}.png", pixels)
    (tmp_path / "animals" / "cat" / "notes.txt").write_text("no image")
    (tmp_path / "animals" / "cat" / ".hidden.png").write_text("no image")
    (tmp_path / "animals" / ".cache").mkdir()
    return tmp_path / "animals"


def test_folders_are_classes_and_each_gives_its_share(animals: Path) -> None:
    train, test = ImageFolder(animals).load("train"), ImageFolder(animals).load("test")
    assert train.classes == test.classes == ("cat", "dog")
    assert (train.x.dtype, train.x.shape, test.x.shape) == (np.uint8, (24, 4, 6), (6, 4, 6))
    assert train.y is not None
    assert test.y is not None
    assert np.bincount(train.y).tolist() == [16, 8]
    assert np.bincount(test.y).tolist() == [4, 2]
    both = np.concatenate([train.x, test.x])
    assert sorted(both[:, 0, 0].tolist()) == [*range(20), *range(100, 110)]
    assert ((both[:, 0, 0] >= 100) == np.concatenate([train.y, test.y])).all()


def test_it_is_the_same_split_each_time(animals: Path) -> None:
    one, other = (ImageFolder(animals, seed=seed).load("test").x[:, 0, 0].tolist() for seed in (0, 1))
    assert one == ImageFolder(animals).load("test").x[:, 0, 0].tolist() != other


@pytest.mark.parametrize("testing", ["test", "val", "Validation"])
def test_folders_of_training_and_testing(tmp_path: Path, testing: str) -> None:
    for part, name, value in (("train", "a", 1), ("train", "b", 2), (testing, "b", 3)):
        saved(tmp_path / part / name / "deep" / "1.png", np.full((2, 2), value, np.uint8))
    dataset = ImageFolder(tmp_path)
    assert dataset.load("train").x[:, 0, 0].tolist() == [1, 2]
    test = dataset.load("test")
    assert (test.x[:, 0, 0].tolist(), np.array(test.y).tolist(), test.classes) == ([3], [1], ("a", "b"))
    saved(tmp_path / testing / "c" / "1.png", np.zeros((2, 2), np.uint8))
    with pytest.raises(DatasetError, match="'c' is no class of the training images: a, b"):
        dataset.load("test")


def test_folders_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    for name in ("10", "9", "0"):
        for number in range(5):
            saved(tmp_path / name / f"{number}.png", np.full((2, 2), int(name), np.uint8))
    train = ImageFolder(tmp_path).load("train")
    assert train.classes == ("0", "9", "10")
    assert train.x[:, 0, 0].tolist() == [int(train.classes[label]) for label in np.array(train.y)]


def test_what_files_hold(tmp_path: Path) -> None:
    colour = drawn(5, 7, 3)
    grey = saved(tmp_path / "a" / "1.bmp", drawn(5, 7))
    saved(tmp_path / "a" / "2.PNG", colour)
    deep = saved(tmp_path / "a" / "3.png", RNG.integers(0, 65536, (5, 7)).astype(np.uint16))
    clear = np.zeros((5, 7, 4), np.uint8)
    clear[0, 0] = 0, 0, 0, 255
    saved(tmp_path / "a" / "4.png", clear)
    turned = Image.Exif()
    turned[0x0112] = 6  # the camera was turned: the upper row is the right column
    Image.fromarray(np.rot90(grey)).save(tmp_path / "a" / "5.png", exif=turned)
    for number in range(5):
        saved(tmp_path / "b" / f"{number}.png", drawn(5, 7))
    whole = [ImageFolder(tmp_path, colour=each).load(part) for each in ("grey", "rgb") for part in ("train", "test")]
    flat, coloured = (np.concatenate([one.x, other.x]) for one, other in (whole[:2], whole[2:]))
    assert coloured.shape == (10, 5, 7, 3)
    assert (coloured == colour).all(axis=(1, 2, 3)).sum() == 1
    # a grey image, and the same one as its camera took it
    assert (flat == grey).all(axis=(1, 2)).sum() == 2
    assert (np.abs(flat - deep / 257) <= 0.5).all(axis=(1, 2)).sum() == 1
    over_white = np.full((5, 7), 255, np.uint8)
    over_white[0, 0] = 0
    assert (flat == over_white).all(axis=(1, 2)).sum() == 1


@pytest.mark.parametrize(("fit", "empty"), [("crop", 0), ("stretch", 0), ("pad", 32)])
def test_other_sizes_are_brought_to_one(tmp_path: Path, fit: Any, empty: int) -> None:
    for name in ("a", "b"):
        for number in range(3):
            saved(tmp_path / name / f"{number}.png", np.full((10 + number, 20 + 2 * number), 255, np.uint8))
    with pytest.raises(DatasetError, match=r"the image is 1\d × 2\d, and .*: give size=\(height, width\)"):
        ImageFolder(tmp_path).load("train")
    train = ImageFolder(tmp_path, size=[8, 8], fit=fit).load("train")
    assert train.x.shape[1:] == (8, 8)
    assert ((train.x == 0).sum(axis=(1, 2)) == empty).all()


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "bomb"])
def test_a_file_that_is_no_image_is_named(animals: Path, damage: str) -> None:
    path = animals / "cat" / "7.png"
    whole = path.read_bytes()
    bomb = whole[:16] + (2**16).to_bytes(4, "big") * 2 + whole[24:]
    path.write_bytes({"cut": whole[:-30], "text": b"hello", "empty": b"", "bomb": bomb}[damage])
    with pytest.raises(DatasetError, match=r"7\.png: "):
        [ImageFolder(animals).load(part) for part in ("train", "test")]


def test_what_folders_cannot_be(animals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatasetError, match="No such file"):
        ImageFolder(tmp_path / "none").load("train")
    with pytest.raises(DatasetError, match="at least two classes, and holds one folder, 'animals'"):
        ImageFolder(tmp_path).load("train")
    with pytest.raises(DatasetError, match="and holds no folder"):
        ImageFolder(animals / "cat").load("train")
    (animals / "bird").mkdir()
    with pytest.raises(DatasetError, match=r"bird: no image there: it must hold files such as 1\.png"):
        ImageFolder(animals).load("train")
    (animals / "bird").rmdir()
    with pytest.raises(DatasetError, match="more than the 100 of maximum_bytes"):
        ImageFolder(animals, maximum_bytes=100).load("train")
    with pytest.raises(DatasetError, match="give none for 'test': add images"):
        ImageFolder(animals, test_fraction=0.001).load("test")
    with pytest.raises(ArgumentError, match="size must be"):
        ImageFolder(animals, size=(28, 28, 3))  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(DatasetError, match=r'pip install "layerkit\[images\]"'):
        ImageFolder(animals).load("train")


def test_a_model_learns_its_classes(animals: Path) -> None:
    from layerkit import Adam, CrossEntropy, Rescale, Trainer

    model = Sequential([Rescale(1 / 255), Flatten(), Dense(2)])
    trainer = Trainer(model, cost=CrossEntropy(), optimizer=Adam(0.05), seed=0)
    trainer.fit(ImageFolder(animals).load("train"), epochs=30, batch_size=8)
    test = ImageFolder(animals).load("test")
    assert (model.classify(test.x) == np.array(["cat", "dog"])[test.y]).all()
