from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layerkit.data.csv import read_csv
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
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read(tmp_path: Path, values: Array, named: bool, delimiter: str, end: str) -> None:
    lines = [delimiter.join(f"c{column}" for column in range(values.shape[1]))] if named else []
    lines += [delimiter.join(map(repr, row)) for row in values.tolist()]
    table = read_csv(written(tmp_path, end.join(lines)), delimiter=delimiter)
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
    ],
)
def test_quotes_spaces_and_blank_lines_change_nothing(tmp_path: Path, text: str) -> None:
    np.testing.assert_array_equal(read_csv(written(tmp_path, text)).values, [[1, 2], [3, 4]])


def test_a_first_line_of_names_is_a_header(tmp_path: Path) -> None:
    table = read_csv(written(tmp_path, '"a, b", c\n1,2\n'))
    assert table.names == ("a, b", "c")
    np.testing.assert_array_equal(table.values, [[1, 2]])


def test_a_header_of_numbers_has_to_be_announced(tmp_path: Path) -> None:
    path = written(tmp_path, "0,1\n5,6\n")
    assert read_csv(path).values.shape == (2, 2)
    assert read_csv(path, header=True).names == ("0", "1")
    path = written(tmp_path, "0,target\n5,6\n")
    with pytest.raises(DatasetError, match=r"line 1: 1 of 2 cells are numbers.*say header=True or header=False"):
        read_csv(path)
    assert read_csv(path, header=True).names == ("0", "target")
    with pytest.raises(DatasetError, match="line 1: column 2 is 'target', not a number"):
        read_csv(path, header=False)


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
        ('1,2\n"3,4\n5,6\n', ", line 2: unexpected end of data"),
        ("1,2\n3,4\x00\n", ", line 2: column 2 is '4\\x00', not a number"),
        (b"1,2\n3,\xff\n", ", line 2: not UTF-8 text"),
        ("1,2\n3,4\n".encode("utf-16"), ", line 1: not UTF-8 text"),
        (b"1," * 2**23 + b"1", ", line 1: longer than 16,777,216 bytes"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith((",", ":")) else "",
)
def test_a_damaged_file_is_refused_with_the_line_and_the_reason(tmp_path: Path, text: str | bytes, reason: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DatasetError) as caught:
        read_csv(path)
    assert str(caught.value) == f"{path}{reason}"


def test_a_line_far_down_is_named(tmp_path: Path) -> None:
    lines = ["1.25,2.5,3.75"] * 200_000
    lines[150_000] = "1.25,?,3.75"
    with pytest.raises(DatasetError, match="line 150001: column 2 is '\\?'"):
        read_csv(written(tmp_path, "\n".join(lines)))


def test_a_table_larger_than_allowed_is_refused_on_the_way(tmp_path: Path) -> None:
    path = written(tmp_path, "1,2,3,4\n" * 2_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=r"the table exceeds 1,000,000 bytes \(maximum_bytes\)"):
            read_csv(path, maximum_bytes=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


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
