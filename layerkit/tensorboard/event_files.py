"""The files of events that TensorBoard reads: a folder for each line of a chart."""

from __future__ import annotations

import os
import struct
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, final

from layerkit.atomic import mode_of
from layerkit.errors import ArgumentError, LayerkitError

RUN = ""
"""The run itself; what is measured of a part of the data is a run below it, in a folder of the part's name."""
PARTS = ("training", "validation")
_PREFIX = "events.out.tfevents.layerkit."
_DIGITS = 6
_VERSION = "brain.Event:2"


@final
class EventFiles:
    """Summaries, by run and step, handed to the system at each ``flush``; ``owner`` is the callback's name, for errors.

    TensorBoard reads a folder's files in the order of their names, which are numbered here, so what is written later
    takes the place of steps that were written before.
    """

    def __init__(self, owner: str, folder: str | os.PathLike[str]) -> None:
        self._owner = owner
        # one that begins with "s3:", say, is a folder here too
        self.folder = Path(os.path.abspath(folder))
        self._open: dict[str, BinaryIO] = {}
        self._first_step = 1

    def require_place(self) -> None:
        """Make the folder, and try whether files can be made in it; what it holds stays.

        Raises:
            ArgumentError: they cannot.
        """
        try:
            mode_of(self.folder)
            self.folder.mkdir(parents=True, exist_ok=True)
            for inside in (self.folder / part for part in (RUN, *PARTS)):
                if mode_of(inside) is not None:
                    with tempfile.TemporaryFile(dir=inside):
                        pass
        except OSError as error:
            raise ArgumentError(
                f"{self._owner}: folder {str(self.folder)!r} cannot be written to: {error.strerror or error}; give a "
                "folder that can be made, or is there and can be written to"
            ) from error

    def begin(self, step: int) -> bool:
        """Go on at a step: what the files hold of it and of later ones is shown no more, and from 1 on, they go.

        Returns whether these are the first files of the run.

        Raises:
            LayerkitError: as ``add``.
        """
        self.close()
        self._first_step = step
        try:
            if step == 1:
                for part in (RUN, *PARTS):
                    for old in self._files(part):
                        old.unlink()
            first = not self._files(RUN)
            for part in (RUN, *PARTS):
                if self._files(part):
                    self._file(part)
        except OSError as error:
            raise self._not_written(error) from error
        return first

    def add(self, part: str, step: int, summaries: Iterable[Any]) -> None:
        """Write summaries of a step: messages of tensorboardX.

        Raises:
            LayerkitError: the disk is full, or the folder is gone.
        """
        from tensorboardX.proto.event_pb2 import Event

        try:
            for summary in summaries:
                _write(self._file(part), Event(summary=summary, step=step))
        except OSError as error:
            raise self._not_written(error) from error

    def flush(self) -> None:
        """Hand all that was added to the system: it is there also if the process dies.

        Raises:
            LayerkitError: as ``add``.
        """
        try:
            for file in self._open.values():
                file.flush()
        except OSError as error:
            raise self._not_written(error) from error

    def close(self) -> None:
        """Close the files that are open."""
        files, self._open = self._open, {}
        for file in files.values():
            try:
                file.close()
            except OSError:
                # what could not be written was told already, and closing tries it once more
                continue

    def _files(self, part: str) -> list[Path]:
        return sorted((self.folder / part).glob(_PREFIX + "[0-9]" * _DIGITS))

    def _file(self, part: str) -> BinaryIO:
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        file = self._open.get(part)
        if file is None:
            (self.folder / part).mkdir(parents=True, exist_ok=True)
            earlier = self._files(part)
            number = 1 + int(earlier[-1].name.removeprefix(_PREFIX)) if earlier else 1
            path = self.folder / part / f"{_PREFIX}{number:0{_DIGITS}}"
            # nothing of another process is replaced
            file = self._open[part] = path.open("xb")
            _write(file, Event(file_version=_VERSION))
            if earlier:
                _write(file, Event(step=self._first_step, session_log=SessionLog(status=SessionLog.START)))
        return file

    def _not_written(self, error: OSError) -> LayerkitError:
        return LayerkitError(
            f"{self._owner}: writing to {str(self.folder)!r} failed: {error.strerror or error}. The trainer is as it "
            "was after this epoch: fit goes on from there"
        )


def _write(file: BinaryIO, event: Any) -> None:
    """Write an event as a record: length and content, each with its checksum."""
    from tensorboardX.record_writer import masked_crc32c

    event.wall_time = time.time()
    content = event.SerializeToString()
    length = struct.pack("<Q", len(content))
    for piece in (length, content):
        file.write(piece + struct.pack("<I", masked_crc32c(piece)))
