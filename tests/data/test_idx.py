from __future__ import annotations

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerkit.data.idx import read_idx
from layerkit.errors import DatasetError
from tests.data.files import CODES, idx_bytes, mutants

IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


def written(folder: Path, data: bytes, name: str = "images") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(CODES)).flatmap(
        lambda code: hnp.arrays(np.dtype(code), hnp.array_shapes(max_dims=4), elements=st.integers(0, 100))
    ),
    st.booleans(),
)
def test_what_is_written_is_read(tmp_path: Path, array: np.ndarray, packed: bool) -> None:
    data = idx_bytes(array)
    found = read_idx(written(tmp_path, gzip.compress(data) if packed else data))
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)


def test_the_result_can_be_written_to(tmp_path: Path) -> None:
    assert read_idx(written(tmp_path, idx_bytes(IMAGES))).flags.writeable


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "truncated: it ends inside the header"),
        (b"\0\0\x08\x03\0\0", "truncated: it ends inside the header"),
        (b"\x89PNG\r\n", "not an IDX file: it begins with 89 50 4e 47"),
        (b"\x89PNG\r\n", "it seems to be a PNG image"),
        (b"\x93NUMPY\1\0v\0", "it seems to be a single array (.npy): put inputs and targets into one .npz file"),
        (b"1,2,3\n4,5,6\n", "it seems to be text: a table is given as .csv"),
        (b"\0\0\x0a\x01\0\0\0\x01\0", "not an IDX file"),
        (b"\0\0\x08\0", "declares 0 axes"),
        (b"\0\0\x08\x09" + b"\0\0\0\x01" * 9 + b"\0", "declares 9 axes; 1 to 8"),
        (b"\0\0\x08\x02\0\0\0\0\0\0\0\x05", "0×5 values, 0 bytes: there are no examples"),
        (idx_bytes(IMAGES)[:-1], "truncated: 60 bytes of data declared, 59 found"),
        (idx_bytes(IMAGES) + b"\0", "bytes follow the 60 bytes of data"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(DatasetError) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("cut", [1, 8, 20, 40])
def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, gzip.compress(idx_bytes(IMAGES))[:-cut])
    with pytest.raises(DatasetError, match="truncated"):
        read_idx(path)


def test_a_gzip_file_of_other_contents_than_its_checksum_is_refused(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(idx_bytes(IMAGES)))
    data[-8] ^= 1
    with pytest.raises(DatasetError, match="CRC"):
        read_idx(written(tmp_path, bytes(data)))


def test_the_contents_tell_whether_a_file_is_gzipped_not_its_name(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_idx(written(tmp_path, idx_bytes(IMAGES), "images.gz")), IMAGES)


def little(array: np.ndarray, *, whole: bool) -> bytes:
    """An IDX file whose sizes, and where ``whole`` the first four bytes, are in little-endian order."""
    data = idx_bytes(array)
    sizes = struct.pack(f"<{array.ndim}I", *array.shape)
    return (data[3::-1] if whole else data[:4]) + sizes + array.astype(array.dtype.newbyteorder("<")).tobytes()


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("whole", [False, True], ids=["sizes", "all"])
def test_little_endian_headers_of_bytes_are_read(tmp_path: Path, whole: bool, packed: bool) -> None:
    images = np.arange(300 * 28 * 20).astype(np.uint8).reshape(300, 28, 20)
    data = little(images, whole=whole)
    np.testing.assert_array_equal(read_idx(written(tmp_path, gzip.compress(data) if packed else data)), images)


@pytest.mark.parametrize("whole", [False, True], ids=["sizes", "all"])
def test_little_endian_numbers_of_more_bytes_are_refused(tmp_path: Path, whole: bool) -> None:
    with pytest.raises(DatasetError, match=r"its header is in little-endian order \(300×8 values\), where IDX files"):
        read_idx(written(tmp_path, little(np.zeros((300, 8), np.int32), whole=whole)))


def test_a_little_endian_header_of_another_length_is_refused(tmp_path: Path) -> None:
    data = little(np.zeros((300, 8), np.uint8), whole=False)
    with pytest.raises(DatasetError, match="its header declares 738263040×134217728 values"):
        read_idx(written(tmp_path, data[:-1]))
    with pytest.raises(DatasetError, match="truncated: 2,400 bytes of data declared, 2,399 found"):
        read_idx(written(tmp_path, little(np.zeros((300, 8), np.uint8), whole=True)[:-1]))


def bomb(axes: tuple[int, ...], zeros: int) -> bytes:
    header = struct.pack(f">BBBB{len(axes)}I", 0, 0, 0x08, len(axes), *axes)
    return gzip.compress(header + bytes(zeros))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb((1000,), 50_000_000), "bytes follow the 1,000 bytes"),
        (bomb((15_000, 1000), 1000), "more than a file of this size can hold"),
        (bomb((50_000, 1000), 50_000_000), "the limit (maximum_bytes) is 20,000,000"),
        (bomb((2**32 - 1,) * 8, 1000), "the limit (maximum_bytes) is 20,000,000"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_gzip_bomb_is_refused_before_it_unfolds(tmp_path: Path, data: bytes, reason: str) -> None:
    path = written(tmp_path, data)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError) as caught:
            read_idx(path, maximum_bytes=20_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
    assert reason in str(caught.value)


def test_a_missing_file_a_folder_and_a_pipe_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in (("missing", "there is no such file"), (".", "not a regular file"), ("pipe", "not a regular")):
        with pytest.raises(DatasetError, match=reason):
            read_idx(tmp_path / name)
    with pytest.raises(DatasetError, match="null"):
        read_idx(f"{tmp_path}\0")


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_damaged_file_gives_an_array_or_a_dataset_error(tmp_path: Path, packed: bool) -> None:
    sound = idx_bytes(IMAGES)
    refused = 0
    for mutant in mutants(gzip.compress(sound) if packed else sound, 300):
        try:
            found = read_idx(written(tmp_path, mutant))
        except DatasetError:
            refused += 1
        else:
            # without a checksum, other values and another shape of as many values cannot be noticed
            assert np.array_equal(found, IMAGES) if packed else found.nbytes < 200
    assert refused >= (250 if packed else 100)
