from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerkit.data.csv import read_csv
from layerkit.data.csv_format import CsvFormat
from layerkit.errors import DatasetError
from layerkit.types import Array
from tests.data.files import mutants


def written(folder: Path, data: str | bytes) -> Path:
    path = folder / "table.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    hnp.arrays(np.float64, hnp.array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e300, 1e300)),
    st.booleans(),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_is_written_is_read(tmp_path: Path, values: Array, named: bool, delimiter: str, end: str) -> None:
    lines = [delimiter.join(f"c{column}" for column in range(values.shape[1]))] if named else []
    lines += [delimiter.join(map(repr, row)) for row in values.tolist()]
    form = CsvFormat(delimiter=delimiter, header=named)
    table = read_csv(written(tmp_path, end.join(lines)), form)
    np.testing.assert_array_equal(table.values, values)
    assert table.names == (tuple(f"c{column}" for column in range(values.shape[1])) if named else None)


@pytest.mark.parametrize(
    "text",
    [
        "1,2\n3,4",
        "1,2\n3,4\n\n",
        "\n1,2\n\n3,4\n",
        "\ufeff1,2\n3,4\n",
        ' 1 ,"2"\n"3",\t4\n',
        "1e0,+2.\r\n3.0,4\r\n",
        "1,2\r3,4\r",
        "1,2\r\r\n3,4",
        '1, "2"\n "3" ,  "4" \n',
    ],
)
def test_quotes_spaces_and_blank_lines_change_nothing(tmp_path: Path, text: str) -> None:
    np.testing.assert_array_equal(read_csv(written(tmp_path, text)).values, [[1, 2], [3, 4]])


def test_a_first_line_of_names_is_a_header(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, '"a, b", c\n1,2\n'))
    assert table.names == ("a, b", "c")
    np.testing.assert_array_equal(table.values, [[1, 2]])


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,1,2,label\n5,6,7.5,1\n", ("0", "1", "2", "label")),
        ("label,0,1\n5,6,9\n", ("label", "0", "1")),
        (",0,1\n0,6,9\n", ("", "0", "1")),
        ("1,2,3,label\n5,6,9,1\n", ("1", "2", "3", "label")),
        ("0,label\n5,6\n", ("0", "label")),
        ("region,1990,1991,1992\n1,6,9,1\n", ("region", "1990", "1991", "1992")),
        ("0,1,2,3,4,5\n5,6,9,1,0,0\n", ("0", "1", "2", "3", "4", "5")),
        ('"0","1"\n5,6\n', ("0", "1")),
        ("# a, b\n5,6\n", ("a", "b")),
        ("#a,b\n5,6\n", ("a", "b")),
        ("0.5 m,a\n5,6\n", ("0.5 m", "a")),
        ("5,6\n0,1\n", None),
        ("0,1\n5,6\n", None),
        ("0,1,2,3,4,5\n6,7,8,9,10,11\n", None),
        ("1,2,3,4,5,6\n5,6,9,1,0,0\n", ("1", "2", "3", "4", "5", "6")),
        ("2016,2017,2018,2019,2020,2021\n0.5,6,9,1,0,0\n", ("2016", "2017", "2018", "2019", "2020", "2021")),
        ("1,2,3,4,5,7\n5,6,9,1,0,0\n", None),
        ("2019,2020\n0.5,6\n", None),
        ("0,1,2,3,4,5\n", None),
        ("5,6,9,1,0,0\n0,1,2,3,4,5\n", None),
    ],
)
def test_names_are_told_from_numbers_by_the_lines(tmp_path: Path, text: str, names: tuple[str, ...] | None) -> None:
    table = read_csv(written(tmp_path, text))
    assert table.names == names
    assert len(table.values) == text.count("\n") - (names is not None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,1,2,kind\n5,6,9,cat\n5,6,8,dog\n", ("0", "1", "2", "kind")),
        ("0,1,2\n5,6,cat\n5,6,dog\n", ("0", "1", "2")),
        ("2019,2020,2021\n5,6,cat\n5,6,dog\n", ("2019", "2020", "2021")),
        ("0,1,label\n0.5,6,yes\n5,6,no\n5,6,no\n5,6,yes\n", ("0", "1", "label")),
        ("5.1,3.5,cat\n4.9,3.0,cat\n", None),
        ("5.1,3.5,cat\n4.9,3.0,dog\n4.8,3.1,dog\n", None),
        ("0,1,2,cat\n5,6,9,dog\n5,6,8,cat\n", None),
        ("7,cat\n8,dog\n", None),
        ("0,1,2,cat\n5,6,9,dog\n5,6,8,'cat'\n5,6,8,cat\n", None),
    ],
)
def test_names_are_told_from_classes_by_the_lines(tmp_path: Path, text: str, names: tuple[str, ...] | None) -> None:
    table = read_csv(written(tmp_path, text), target=-1, text=None)
    assert table.names == names
    assert table.classes == tuple(sorted({line.split(",")[-1] for line in text.splitlines()[names is not None :]}))


@pytest.mark.parametrize(
    "text",
    [
        "5,target\n5,6\n",
        "1,x\n2,3\n",
        "1,?,3\n4,5,6\n",
        "1,x,3\n4,5,6\n",
        "0,1,na\n4,5,6\n",
        "0,1,2\n5,6,9\n",
        "1,2,3\n5,6,9\n",
        "2019,2020,2021\n0.5,0.7,1\n0.6,0.1,0\n",
        "0,1,label\n0.5,6,yes\n5,6,no\n",
        "0,1,2,3,4\n5.1,3.5,1.4,0.2,0\n",
        "0,label\n5,cat\n6,dog\n",
        "2019,2021,kind\n5,6,cat\n5,6,dog\n5,6,cat\n5,6,dog\n",
        "1,x\n",
    ],
)
def test_where_the_lines_do_not_tell_the_header_has_to_be_announced(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DatasetError, match=r"line 1: \d of \d cells are numbers.*say header=True or header=False"):
        read_csv(path, target=-1, text=None)
    names = tuple(text.splitlines()[0].split(","))
    if text.count("\n") > 1:
        assert read_csv(path, CsvFormat(header=True), target=-1, text=None).names == names
    if all(name.replace(".", "").isdigit() for name in names):
        assert len(read_csv(path, CsvFormat(header=False)).values) == text.count("\n")


def test_a_header_can_be_denied(tmp_path: Path) -> None:
    path = written(tmp_path, "0,target\n5,6\n")
    assert read_csv(path, CsvFormat(header=True)).names == ("0", "target")
    with pytest.raises(DatasetError, match="line 1: column 2 is 'target', not a number"):
        read_csv(path, CsvFormat(header=False))


def test_a_gzipped_table_is_read(tmp_path: Path) -> None:
    np.testing.assert_array_equal(read_csv(written(tmp_path, gzip.compress(b"a,b\n1,2\n"))).values, [[1, 2]])
    with pytest.raises(DatasetError, match="truncated"):
        read_csv(written(tmp_path, gzip.compress(b"a,b\n1,2\n")[:-9]))


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("cp1252", "Größe €"), ("utf-16", "Größe €"), ("utf-16-be", "高さ"), ("shift_jis", "高さ"), ("utf-8", "高さ")],
)
def test_an_encoding_can_be_given(tmp_path: Path, encoding: str, name: str) -> None:
    # more than is read at once
    rows = f"1,{2:.40f}\n" * 40_000
    path = written(tmp_path, f"{name},b\n{rows}".encode(encoding))
    table = read_csv(path, CsvFormat(encoding=encoding))
    assert table.names == (name, "b")
    assert table.values.shape == (40_000, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "utf-16-le", "shift_jis"])
def test_the_line_that_is_not_in_the_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    lines = [f"1.25,{2.5:.80f}"] * 30_000
    before, after = ("\n".join(part).encode(encoding) for part in (lines[:20_000], lines[20_000:]))
    wrong = {"utf-16-le": b"\x00\xdc"}.get(encoding, b"\xff")
    path = written(tmp_path, before + "\n".encode(encoding) + wrong + after)
    with pytest.raises(DatasetError, match=r"line 20001: not (UTF-8 text|text in the encoding)"):
        read_csv(path, CsvFormat(encoding=encoding))


def test_decimal_commas(tmp_path: Path) -> None:
    form = CsvFormat(delimiter=";", decimal=",")
    table = read_csv(written(tmp_path, 'a;b\n1,5;-2\n"3,25";,5e1\n'), form)
    np.testing.assert_array_equal(table.values, [[1.5, -2], [3.25, 5]])
    for cell in ("1.234", "1.234,5"):
        with pytest.raises(DatasetError, match=r"line 2: column 1 is '1.*with decimal=',' a point is no part"):
            read_csv(written(tmp_path, f"1,5;2\n{cell};2\n"), form)
    with pytest.raises(DatasetError, match=r"column 1 is '1,5', not a number: if that is a decimal comma, say decimal"):
        read_csv(written(tmp_path, "1;2\n1,5;2\n"), CsvFormat(delimiter=";"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a,k\n1,cat\n2,\n", "line 3: column 2 ('k') is empty: an example needs a target"),
        ("a,k\n1,cat\n2,NA\n", "line 3: column 2 ('k') is 'NA': an example needs a target"),
        ("a,k\n1,cat\n2,4\n", "line 3: column 2 ('k') is '4', a number or written like one, where the first rows"),
        (
            "a,k\n1,4\n2,cat\n",
            "line 3: column 2 ('k') is 'cat', not a number: if the target is classes, say labels=True",
        ),
        ('a,k\n1,"3,5"\n2,"4,5"\n', "line 2: column 2 ('k') is '3,5', a number or written like one"),
        ('a,k\n1,"-3,5e-3"\n', "is '-3,5e-3', a number or written like one"),
        ("a,k\n1,$12\n2,$13\n", "is '$12', a number or written like one"),
        ("a,k\n1,12 %\n2,13 %\n", "is '12 %', a number or written like one"),
        (
            "k,a\ncat,1\ndog,2\n",
            "line 2: column 1 ('k') is 'cat', not a number: a column of words can be the target only",
        ),
        ("a,k\n1,c\0t\n", "with signs that are no text"),
        ("a,k\n1," + "c" * 1001 + "\n", "no names of classes"),
        ("a,k\n" + "".join(f"1,c{row}\n" for row in range(70_000)), "line 65538: column 2 ('k'): the target holds"),
    ],
    ids=lambda value: value[:30],
)
def test_words_that_are_no_classes_are_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(DatasetError) as caught:
        read_csv(written(tmp_path, text), target=-1, text=None)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", ": the file is empty"),
        ("\n \n\n", ": the file is empty"),
        ("a,b\n", ": a header, but no rows"),
        ("1,2\n3\n", ", line 2: 1 cells, where the first line has 2"),
        ("1,2\n\n3,4,5\n", ", line 3: 3 cells, where the first line has 2"),
        ("1,2\n3,x\n", ", line 2: column 2 is 'x', not a number"),
        ("1,2\n3,\n", ", line 2: column 2 is empty"),
        ("1,2\n3,1_000\n", ", line 2: column 2 is '1_000', not a number"),
        ("1,2\n3,nan\n", ", line 2: column 2 is nan, not a finite number"),
        ("1,2\n-inf,2\n", ", line 2: column 1 is -inf, not a finite number"),
        ("1,2\n1e999,2\n", ", line 2: column 1 is 1e999, not a finite number"),
        ('1,2\n"3,4\n5,6\n', ", line 2: cell 1 begins with a quote that is not closed at the end of the cell"),
        ("1,2\n3,4\x00\n", ", line 2: column 2 is '4\\x00', not a number"),
        ('1,2\n3,"4"5\n', ", line 2: cell 2 begins with a quote that is not closed at the end of the cell"),
        (
            b"1,2\n3,\xff\n",
            ", line 2: not UTF-8 text; it seems to be text: a table is given as .csv, and read as UTF-8 unless told "
            "(encoding='cp1252', say)",
        ),
        (
            "1,2\n3,4\n".encode("utf-16"),
            ", line 1: not UTF-8 text; it seems to be UTF-16 text: say encoding='utf-16'",
        ),
        (
            b"\x93NUMPY\x01\0",
            ", line 1: not UTF-8 text; it seems to be a single array (.npy): put inputs and targets "
            "into one .npz file, numpy.savez(…, x=…, y=…)",
        ),
        (b"1," * 2**23 + b"1", ", line 1: longer than 16,777,216 characters"),
        (
            "1;2\n3;4\n",
            ", line 2: column 1 ('1;2') is '3;4', not a number; its cells may be separated by ';' (delimiter)",
        ),
        ("1;2\n3,4;5\n", ", line 2: 2 cells, where the first line has 1"),
        (
            '1,"2,5"\n',
            ", line 1: 1 of 2 cells are numbers, and it may hold names, an example, or a damaged one: say "
            "header=True or header=False",
        ),
        (
            '1,2\n1,"2,5"\n',
            ", line 2: column 2 is '2,5', not a number: if that is a decimal comma, say decimal=','; "
            "thousands are written without commas",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith((",", ":")) else "",
)
def test_a_damaged_file_is_refused_with_the_line_and_the_reason(tmp_path: Path, text: str | bytes, reason: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DatasetError) as caught:
        read_csv(path)
    assert str(caught.value) == f"{path}{reason}"


def test_a_line_far_down_is_named(tmp_path: Path) -> None:
    lines = [f"1.25,2.5,{3.75:.80f}"] * 30_000
    lines[25_000] = "1.25,?,3.75"
    with pytest.raises(DatasetError, match="line 25001: column 2 is '\\?'"):
        read_csv(written(tmp_path, "\n".join(lines)))


def test_a_table_larger_than_allowed_is_refused_on_the_way(tmp_path: Path) -> None:
    path = written(tmp_path, f"1,2,3,{4:.200f}\n" * 50_000)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=r"the table exceeds 1,000,000 bytes \(maximum_bytes\)"):
            read_csv(path, maximum_bytes=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_damaged_table_of_words_gives_sorted_classes_or_a_dataset_error(
    tmp_path: Path, encoding: str, packed: bool
) -> None:
    rows = "".join(f'{row}.5,"{row}",{("cat", "dog")[row % 2]}\n' for row in range(12))
    sound = f"a,b,kind\n{rows}".encode(encoding)
    read = 0
    for mutant in mutants(gzip.compress(sound) if packed else sound, 200):
        try:
            table = read_csv(written(tmp_path, mutant), CsvFormat(encoding=encoding), target=-1, text=None)
        except DatasetError:
            continue
        read += 1
        assert np.isfinite(table.values).all()
        if table.classes is not None:
            assert list(table.classes) == sorted(set(table.classes))
            assert set(table.values[:, -1]) == set(range(len(table.classes)))
    assert read < 150


def test_a_damaged_file_gives_finite_numbers_or_a_dataset_error(tmp_path: Path) -> None:
    rows = [",".join(map(str, row)) for row in np.arange(40).reshape(10, 4) / 8]
    refused = 0
    for mutant in mutants(("a,b,c,d\n" + "\n".join(rows)).encode(), 300):
        try:
            table = read_csv(written(tmp_path, mutant))
        except DatasetError:
            refused += 1
        else:
            assert table.values.ndim == 2
            assert np.isfinite(table.values).all()
    assert refused >= 100
