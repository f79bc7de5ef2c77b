"""A module that opens a connection when it is imported (here, to a port of this machine on which nobody listens)."""

from __future__ import annotations

import socket
from contextlib import suppress

import numpy as np

from layerkit import Dataset, Examples
from layerkit.errors import ArgumentError
from tests.testing.gallery.bug import Bug

with suppress(OSError):
    socket.create_connection(("127.0.0.1", 9), timeout=1).close()


class Connects(Dataset):
    """Ones, for whose module a connection was opened."""

    def load(self, split: str) -> Examples:
        if split not in self.splits:
            raise ArgumentError(f"Connects: no split {split!r}; there are {self.splits}")
        return Examples(np.ones((4, 2)), np.zeros(4, np.int64))


BUGS = [Bug(Connects, "no-network-at-import", "download at the top")]
