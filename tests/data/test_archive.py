from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerkit.data.archive import read_npz
from layerkit.errors import DatasetError
from layerkit.types import Array
from tests.data.files import mutants, npz_bytes

X = np.arange(24, dtype=np.float32).reshape(6, 4)
Y = np.array([0, 1, 2, 0, 1, 2])


def written(folder: Path, data: bytes) -> Path:
    path = folder / "data.npz"
    path.write_bytes(data)
    return path


def zipped(method: int = zipfile.ZIP_STORED, **contents: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in contents.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def npy(header: str, data: bytes = b"") -> bytes:
    text = header.encode("latin-1") + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def header(descr: str = "<f4", shape: str = "(6, 4)") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.dtype(code) for code in ("?", "u1", "<i8", ">i4", "<f2", ">f4", "<f8", "u8")]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0),
        elements=st.integers(0, 1),
    ),
    st.booleans(),
    st.booleans(),
)
def test_what_numpy_writes_is_read(tmp_path: Path, array: Array, compressed: bool, columns_first: bool) -> None:
    stored = np.asfortranarray(array) if columns_first else array
    found = read_npz(written(tmp_path, npz_bytes({"x": stored}, compressed=compressed)), [("x",)])["x"]
    assert found.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, array)


def test_the_first_choice_whose_names_are_there_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, npz_bytes({"x": X, "y": Y, "other": X}))
    assert sorted(read_npz(path, [("x_train", "y_train"), ("x", "y")])) == ["x", "y"]
    with pytest.raises(DatasetError, match="it holds other, x, y; expected arrays named a and b or x and z"):
        read_npz(path, [("a", "b"), ("x", "z")])


def test_an_array_that_is_not_asked_for_may_hold_anything(tmp_path: Path) -> None:
    path = written(tmp_path, npz_bytes({"x": X, "names": np.array([{"a": 1}], dtype=object)}))
    assert read_npz(path, [("x",)])["x"].shape == X.shape


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([{"a": 1}], dtype=object), "it holds Python objects, which are never loaded"),
        (np.array(["cat", "dog"]), "it holds values of type '<U3'"),
        (np.array([1j]), "it holds values of type '<c16'"),
        (np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]), "not an array of numbers"),
        (np.array(["2020-01-01"], "datetime64[D]"), "it holds values of type '<M8"),
    ],
)
def test_anything_but_numbers_is_refused(tmp_path: Path, array: Array, reason: str) -> None:
    path = written(tmp_path, npz_bytes({"x": array}))
    with pytest.raises(DatasetError) as caught:
        read_npz(path, [("x",)])
    assert str(caught.value).startswith(f"{path}, array 'x': ")
    assert reason in str(caught.value)


def test_text_is_read_where_it_is_allowed(tmp_path: Path) -> None:
    words = np.array(["São Paulo", "高さ", ""])
    path = written(tmp_path, npz_bytes({"x": X, "y": words, "z": words.astype(words.dtype.newbyteorder(">"))}))
    found = read_npz(path, [("x",)], optional=["y", "z", "none"], text=["y", "z"])
    assert sorted(found) == ["x", "y", "z"]
    assert found["y"].tolist() == found["z"].tolist() == words.tolist()
    with pytest.raises(DatasetError, match="array 'y': it holds values of type '<U9'"):
        read_npz(path, [("x", "y")])


def test_numbers_that_are_no_characters_are_refused(tmp_path: Path) -> None:
    for descr in ("<U1", ">U1"):
        path = written(tmp_path, zipped(x=npy(header(descr=descr, shape="(2,)"), b"a\0\0\0\xff\xff\xff\xff")))
        with pytest.raises(DatasetError, match="numbers that are no characters"):
            read_npz(path, [("x",)], text=["x"])


class Trap:
    """Tells when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[object, ...]:
        return spring, ()


def spring() -> None:
    Trap.sprung = True


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    path = written(tmp_path, npz_bytes({"x": np.array([Trap()], dtype=object)}))
    with pytest.raises(DatasetError):
        read_npz(path, [("x",)])
    assert not Trap.sprung


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a sound .npz file"),
        (b"no zip at all", "not a sound .npz file"),
        (b"no zip at all", "it seems to be text: a table is given as .csv"),
        (npy(header(), bytes(96)), "it seems to be a single array (.npy): put inputs and targets into one .npz file"),
        (b"\x1f\x8b\x08\0", "it seems to be gzipped: a table so packed is named .csv.gz"),
        (b"\x89HDF\r\n", "it seems to be an HDF5 file"),
        (npz_bytes({"x": X})[:-10], "not a sound .npz file"),
        (zipped(x=b""), "not an array in NumPy's format"),
        (zipped(x=b"plain text"), "not an array in NumPy's format"),
        (zipped(x=npy("{}")), "not an array of numbers"),
        (zipped(x=npy("__import__('os')")), "not an array of numbers"),
        (zipped(x=npy(header(shape="(6, -4)"))), "not an array of numbers"),
        (zipped(x=npy(header(shape="(6, 9" + "9" * 30 + ")"))), "impossible shape"),
        (zipped(x=npy(header(shape="(0, 999999999999999999, 99)"))), "impossible shape"),
        (zipped(x=npy(header(shape="(" + "1," * 40 + ")"), b"abcd")), "impossible shape"),
        (zipped(x=npy(header(descr="<f3"))), "values of type '<f3'"),
        (zipped(x=npy(header(), bytes(95))), "truncated: 96 bytes of data declared, 95 found"),
        (zipped(x=npy(header(), bytes(97))), "bytes follow the 96 bytes of data"),
        (zipped(x=npy(header(shape="(600, 400)"))), "truncated: 960,000 bytes declared"),
        (zipped(x=b"\x93NUMPY\x02\x00" + b"\xff" * 8), "longer than 10,000"),
        (zipped(zipfile.ZIP_LZMA, x=npy(header(), bytes(96))), "packed by method 14; save it by numpy.savez"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    path = written(tmp_path, data)
    with pytest.raises(DatasetError) as caught:
        read_npz(path, [("x",)])
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)


def test_a_name_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    data = zipped(x=npy(header(), bytes(96)), y=npy(header(), bytes(96))).replace(b"y.npy", b"x.npy")
    with pytest.raises(DatasetError, match="it holds 'x' twice"):
        read_npz(written(tmp_path, data), [("x",)])


def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    large = np.zeros((50_000, 1000), np.uint8)
    data = npz_bytes({"x": large})
    del large
    declares_less = bytearray(data)
    place = data.rindex(b"PK\x01\x02") + 24
    declares_less[place : place + 4] = struct.pack("<I", 1000)
    declares_more = bytearray(npz_bytes({"x": X}))
    place = declares_more.rindex(b"PK\x01\x02") + 24
    declares_more[place : place + 4] = struct.pack("<I", 15_000_000)

    tracemalloc.start()
    try:
        for bomb, reason in (
            (data, r"the limit \(maximum_bytes\) is 20,000,000"),
            (declares_less, "Bad CRC-32"),
            (declares_more, "declares 15,000,000 bytes, more than it can hold"),
        ):
            with pytest.raises(DatasetError, match=reason):
                read_npz(written(tmp_path, bytes(bomb)), [("x",)], maximum_bytes=20_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_an_endless_table_of_contents_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entries = zipped(x=npy(header(), bytes(96)))
    start = entries.index(b"PK\x01\x02")
    end = entries.index(b"PK\x05\x06")
    table = entries[start:end] * (6_000_000 // (end - start))
    closing = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 1, 1, len(table), start, 0)
    path = written(tmp_path, entries[:start] + table + closing)
    del table
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match="table of contents is longer"):
            read_npz(path, [("x",)])
        assert tracemalloc.get_traced_memory()[1] < 2_500_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("compressed", [False, True], ids=["stored", "deflated"])
def test_a_damaged_file_gives_the_arrays_or_a_dataset_error(tmp_path: Path, compressed: bool) -> None:
    refused = 0
    for mutant in mutants(npz_bytes({"x": X, "y": Y}, compressed=compressed), 300):
        try:
            found = read_npz(written(tmp_path, mutant), [("x", "y")])
        except DatasetError:
            refused += 1
        else:
            assert np.array_equal(found["x"], X)
            assert np.array_equal(found["y"], Y)
    assert refused >= 150


def test_a_damaged_header_inside_a_sound_zip_gives_a_dataset_error_or_as_many_bytes(tmp_path: Path) -> None:
    sound = npy(header(), X.tobytes())
    refused = 0
    for mutant in mutants(sound[:80], 300):
        try:
            found = read_npz(written(tmp_path, zipped(x=mutant + sound[80:])), [("x",)])["x"]
        except DatasetError:
            refused += 1
        else:
            assert found.nbytes <= len(sound) + 100
    assert refused >= 100
