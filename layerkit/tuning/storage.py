"""A search's study in a storage of Optuna, and what goes wrong there told as what it is."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias

from layerkit.config.paths import differences
from layerkit.errors import ArgumentError, SearchError
from layerkit.tuning.needed import quiet_optuna

Way: TypeAlias = Literal["begin", "resume", "join"]
"""Whether a search is new in the storage, gone on with by one command, or shared by several."""

HEARTBEAT = 2
GRACE = 15
"""Seconds between two signs of life of a trial that is under way, and after which one without any is taken over."""

_IDENTITY, _SHARED = "layerkit", "shared"
_PATIENCE = 20.0
_OPENINGS = 5
_DRIVERS = {
    "postgresql": 'pip install "psycopg[binary]", and write postgresql+psycopg://…',
    "mysql": "pip install pymysql, and write mysql+pymysql://…",
}


def study_in(storage: str, name: str, *, identity: Mapping[str, Any], minimised: bool, way: Way) -> Any:
    """The study of this name in a storage: a SQLite file, or a database by its URL.

    Raises:
        ArgumentError: the file would be in no folder.
        SearchError: the storage cannot be used, or holds another search of this name; or there is one already, or none
            to go on with.
    """
    if way == "resume" and "://" not in storage and not Path(storage).exists():
        raise SearchError(f"{storage}: there is no such file, so no search in it to go on with: leave out --resume")
    # what is written there comes back so
    identity = {**json.loads(json.dumps(identity)), **({_SHARED: True} if way == "join" else {})}
    with telling(storage), quiet_optuna() as optuna:
        database = _database(storage)
        there = optuna.study.get_all_study_names(database)
        if name in there and way == "begin":
            raise SearchError(
                f"{shown(storage)} holds a search named {name!r} already: go on with it by --resume (by --join, if "
                "several commands share it), or name another storage"
            )
        if name not in there and way == "resume":
            names = ", ".join(map(repr, there)) or "none"
            raise SearchError(
                f"{shown(storage)} holds no search named {name!r} to go on with; it holds {names}: leave out --resume"
            )
        direction = "minimize" if minimised else "maximize"
        study = optuna.create_study(storage=database, study_name=name, direction=direction, load_if_exists=True)
        found = study.user_attrs.get(_IDENTITY)
        # one that was killed before its first trial has begun nothing yet
        if found is None and not study.get_trials(deepcopy=False):
            study.set_user_attr(_IDENTITY, identity)
        else:
            _require_same(shown(storage), name, found, identity)
        return study


@contextmanager
def telling(storage: str) -> Iterator[None]:
    """Tell what goes wrong in a storage as one ``SearchError``."""
    import optuna
    from sqlalchemy.exc import ArgumentError as UrlError
    from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

    place = shown(storage)
    try:
        yield
    except (NoSuchModuleError, UrlError) as error:
        raise SearchError(
            f"{place}: this is no address of a database: give a file, such as search.db, or an address such as "
            "postgresql+psycopg://user@host/database or mysql+pymysql://user@host/database"
        ) from error
    except ImportError as error:
        kind = storage.partition(":")[0].partition("+")[0]
        install = _DRIVERS.get(kind, "install it")
        raise SearchError(
            f"{place}: the driver of this database is missing ({error.__cause__ or error}): {install}"
        ) from error
    except (optuna.exceptions.StorageInternalError, SQLAlchemyError, OSError) as error:
        cause = getattr(error.__cause__ or error, "orig", None) or error.__cause__ or error
        first = str(cause).strip().partition("\n")[0].rstrip(". ")
        raise SearchError(
            f"{place}: the storage cannot be used: {first}. It must be reachable, writable, and not locked by another "
            "program"
        ) from error


def shown(storage: str) -> str:
    """A storage as messages name it, without a password.

    >>> shown("postgresql://me:secret@localhost/searches")
    'postgresql://me:***@localhost/searches'
    """
    return re.sub(r"(://[^:/@]*):.*@", r"\1:***@", storage)


def url_of(storage: str) -> str:
    """The URL of a storage: a file is one of SQLite.

    Raises:
        ArgumentError: it is a folder, or in none, or has a name that no URL can tell.

    >>> url_of("postgresql://localhost/searches")
    'postgresql://localhost/searches'
    """
    if "://" in storage:
        return storage
    path = Path(storage)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ArgumentError(f"--storage: {storage} is no file in a folder that is there: give one, such as search.db")
    if "?" in str(path.absolute()):
        raise ArgumentError(f"--storage: {storage}: in an address, ? begins options: give a path without it")
    # Optuna fills in what stands in braces
    return f"sqlite:///{path.absolute()}".replace("{", "{{").replace("}", "}}")


def _database(storage: str) -> Any:
    """Optuna's storage; its tables are made where there are none yet."""
    import optuna
    from sqlalchemy.exc import SQLAlchemyError

    url = url_of(storage)
    engine: Any = {"connect_args": {"timeout": _PATIENCE}} if url.startswith("sqlite") else {}
    left = _OPENINGS
    while True:
        left -= 1
        try:
            return optuna.storages.RDBStorage(
                url, engine_kwargs=engine, heartbeat_interval=HEARTBEAT, grace_period=GRACE
            )
        except RuntimeError as error:
            raise SearchError(
                f"{shown(storage)}: the storage was made by another version of Optuna: "
                f"{' '.join(str(error).split())} Or name another storage"
            ) from error
        except (TypeError, ValueError) as error:
            raise SearchError(
                f"{shown(storage)}: the storage cannot be used: its driver fails: {' '.join(str(error).split())}. A "
                "PostgreSQL database must be in UTF-8"
            ) from error
        except (SQLAlchemyError, AssertionError) as error:
            # another command makes the tables at this very moment
            made = any(each in str(error).lower() for each in ("already exists", "unique", "duplicate"))
            if not left or not (made or isinstance(error, AssertionError)):
                raise
            time.sleep(0.2)


def _require_same(place: str, name: str, found: Any, identity: Mapping[str, Any]) -> None:
    if found is None:
        raise SearchError(f"{place}: {name!r} is a study that layerkit did not make: name another storage")
    if _SHARED in found and _SHARED not in identity:
        raise SearchError(f"{place}: the search {name!r} is shared by several commands: go on with it by --join")
    if _SHARED in identity and _SHARED not in found:
        raise SearchError(
            f"{place}: the search {name!r} is one command's alone, whose trials are the same however often it is "
            "interrupted: go on with it by --resume, or share another storage"
        )
    if changes := differences(found, identity):
        raise SearchError(
            f"{place}: the search {name!r} there is another one: {'; '.join(map(str, changes[:3]))}. Go on with the "
            "same, or name another storage"
        )
