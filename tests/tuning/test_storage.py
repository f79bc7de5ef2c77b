"""What can be wrong with a storage: one error each, which says what to do."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from layerkit.cli.main import main
from layerkit.errors import ArgumentError, SearchError

pytestmark = pytest.mark.extra
optuna = pytest.importorskip("optuna")

from layerkit.tuning import storage as module  # noqa: E402  (needs Optuna)
from layerkit.tuning.storage import Way, shown, study_in  # noqa: E402


def opened(storage: object, way: Way = "begin", identity: dict[str, Any] | None = None) -> Any:
    return study_in(str(storage), "mine", identity=identity or {}, minimised=False, way=way)


@pytest.mark.parametrize(
    ("storage", "message"),
    [
        ("{}/no/search.db", "is no file in a folder that is there"),
        ("{}", "is no file in a folder that is there"),
        ("nonsense://here", "this is no address of a database: give a file, such as search.db"),
        ("{}/what?.db", "give a path without it"),
        ("sqlite://///", "the storage cannot be used"),
        ("postgresql+psycopg://", "."),
    ],
)
def test_a_place_that_is_none_is_refused(storage: str, message: str, tmp_path: Path) -> None:
    with pytest.raises((SearchError, ArgumentError), match=message):
        opened(storage.format(tmp_path))


@pytest.mark.parametrize(
    ("storage", "install"),
    [
        ("postgresql+psycopg://me:secret@host/db", r'pip install "psycopg\[binary\]"'),
        ("mysql+pymysql://me:secret@host/db", "pip install pymysql"),
    ],
)
def test_a_missing_driver_says_how_it_is_installed(storage: str, install: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for driver in ("psycopg", "pymysql"):
        monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(SearchError, match=f"the driver of this database is missing .*{install}") as caught:
        opened(storage)
    assert "secret" not in str(caught.value)


def test_an_unreachable_database_is_one_error_without_the_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(SearchError, match=r"the storage cannot be used: .*It must be reachable") as caught:
        opened("postgresql+psycopg://nobody:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_password_is_not_shown() -> None:
    assert shown("mysql+pymysql://me:a@b:c@host:1/db?x=1") == "mysql+pymysql://me:***@host:1/db?x=1"
    assert shown("search.db") == "search.db"


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("no database at all, but a text of some length" * 50)
    with pytest.raises(SearchError, match="the storage cannot be used: file is not a database"):
        opened(path)


def test_a_locked_file_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(tmp_path / "search.db")
    monkeypatch.setattr(module, "_PATIENCE", 0.1)
    with closing(sqlite3.connect(tmp_path / "search.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SearchError, match=r"database is locked.*not locked by another program"):
            opened(tmp_path / "search.db", "resume")


def test_a_storage_of_another_version_of_optuna_is_refused(tmp_path: Path) -> None:
    opened(tmp_path / "search.db")
    with closing(sqlite3.connect(tmp_path / "search.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9999.0.0.a'")
        connection.commit()
    with pytest.raises(SearchError, match=r"made by another version of Optuna: .*Or name another storage"):
        opened(tmp_path / "search.db", "resume")


def test_braces_in_a_name_are_no_template(tmp_path: Path) -> None:
    opened(tmp_path / "{a}.db")
    assert [each.name for each in tmp_path.iterdir()] == ["{a}.db"]


@pytest.mark.parametrize("way", ["resume", "join"])
def test_another_search_of_the_name_is_refused(way: Way, tmp_path: Path) -> None:
    opened(tmp_path / "search.db", "join" if way == "join" else "begin", {"seed": 0})
    with pytest.raises(SearchError, match=r"is another one: seed.* Go on with the same, or name another storage"):
        opened(tmp_path / "search.db", way, {"seed": 1})


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("begin", "join", "is one command's alone, .* go on with it by --resume"),
        ("join", "resume", "is shared by several commands: go on with it by --join"),
    ],
)
def test_a_search_of_one_command_is_not_shared_nor_the_other_way_round(
    first: Way, then: Way, message: str, tmp_path: Path
) -> None:
    opened(tmp_path / "search.db", first)
    with pytest.raises(SearchError, match=message):
        opened(tmp_path / "search.db", then)


def test_what_is_there_is_not_begun_and_what_is_not_is_not_resumed(tmp_path: Path) -> None:
    with pytest.raises(SearchError, match="there is no such file, so no search in it to go on with"):
        opened(tmp_path / "search.db", "resume")
    assert not (tmp_path / "search.db").exists()
    optuna.create_study(storage=f"sqlite:///{tmp_path / 'search.db'}", study_name="other")
    with pytest.raises(
        SearchError, match=r"holds no search named 'mine' to go on with; it holds 'other': leave out --resume"
    ):
        opened(tmp_path / "search.db", "resume")
    opened(tmp_path / "search.db")
    with pytest.raises(SearchError, match="holds a search named 'mine' already: go on with it by --resume"):
        opened(tmp_path / "search.db")


def test_a_study_of_others_is_refused(tmp_path: Path) -> None:
    study = optuna.create_study(storage=f"sqlite:///{tmp_path / 'search.db'}", study_name="mine")
    study.add_trial(optuna.trial.create_trial(value=1.0))
    with pytest.raises(SearchError, match="is a study that layerkit did not make"):
        opened(tmp_path / "search.db", "resume")


def test_on_the_command_line_it_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exited:
        main(["tune", "digits", "--storage", "nonsense://here"])
    assert exited.value.code == 1
    assert capsys.readouterr().err.count("\n") == 1
