"""Tables in every way of writing them that the readers know, each with its values known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerkit.data.csv import read_csv
from layerkit.data.csv_format import CsvFormat
from layerkit.datasets.csv_file import CsvFile, table_examples
from tests.data.files import targets
from tests.data.tables import Written, written_table


def check(table: Written, folder: Path) -> None:
    """Read a table as a whole and by parts."""
    path = folder / "table.csv"
    path.write_bytes(table.data)
    given = table.arguments
    form = CsvFormat(**{name: given[name] for name in ("header", "delimiter", "decimal", "encoding") if name in given})
    labels = given.get("labels")
    read = read_csv(path, form, target=given["target"], text=labels)
    found = table_examples(str(path), read, labels=labels)
    np.testing.assert_array_equal(found.x, table.x)
    np.testing.assert_array_equal(targets(found), table.y)
    assert targets(found).dtype == table.y.dtype
    assert (found.names, found.target_name, found.classes) == (table.names, table.target_name, table.classes)
    dataset = CsvFile(path, test_fraction=0.5, **given)
    parts = [dataset.load("train"), dataset.load("test")]
    rows = np.concatenate([np.column_stack([part.x, targets(part).reshape(len(part), -1)]) for part in parts])
    whole = np.column_stack([table.x, table.y.reshape(len(table.x), -1)])
    np.testing.assert_array_equal(rows[np.lexsort(rows.T)], whole[np.lexsort(whole.T)])
    for part in parts:
        assert (part.names, part.target_name, part.classes) == (table.names, table.target_name, table.classes)
        assert part.labels is (True if table.classes else labels)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.integers(0, 2**40))
def test_what_is_written_is_read_however_it_is_written(tmp_path: Path, seed: int) -> None:
    check(written_table(seed), tmp_path)


@pytest.mark.parametrize("seed", range(40))
def test_the_same_tables_each_time(tmp_path: Path, seed: int) -> None:
    check(written_table(seed), tmp_path)
