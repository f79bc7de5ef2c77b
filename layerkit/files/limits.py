"""How large a file may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True)
class Limits:
    """What a file may hold. Everything is checked before it costs memory or time.

    ``header_bytes``: names, shapes and configuration together; ``values`` and ``nesting``: of the configuration;
    ``components`` and ``occurrences``: how many layers and so on are made, and how many places they take in the network
    (a layer can be used more than once); ``tensors``, ``axes`` and ``total_bytes``: of the arrays; ``rest_bytes``: the
    part of a checkpoint that is not arrays, such as the history; ``rest_weight``: how many values that part may hold
    besides the history's numbers, a dictionary counted as four; ``rest_text``: how many bytes it may have besides them,
    all of which count twice where a character beyond ASCII is among them, and four times where one takes two escapes.

    >>> Limits(total_bytes=2**20).tensors
    10000
    """

    header_bytes: int = 4 * 2**20
    values: int = 100_000
    nesting: int = 128
    components: int = 10_000
    occurrences: int = 20_000
    tensors: int = 10_000
    axes: int = 32
    total_bytes: int = 2**40
    rest_bytes: int = 256 * 2**20
    rest_weight: int = 500_000
    rest_text: int = 12 * 2**20
