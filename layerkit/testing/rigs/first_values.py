"""The values that a layer begins with in the kit: what layerkit's own initializers draw is drawn once."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

from layerkit.interfaces.initializer import Initializer
from layerkit.models.structure import Entry, Structure
from layerkit.random_streams import RandomStreams
from layerkit.testing.subject import generator
from layerkit.types import Array

_SEED = 7
_OWN = "layerkit.initializers."
_PLAIN = (bool, int, float, str, type(None))
_Key: TypeAlias = tuple[type[Initializer], tuple[tuple[str, Any], ...], str, tuple[int, ...], tuple[int, int]]


def draw_first(structure: Structure, *, keep: bool = True) -> Structure:
    """``structure.draw(7, keep=keep)``, in less time.

    To draw is most of what building a wide layer takes, and the kit builds it anew for nearly every check. Layerkit's
    own initializers give the same numbers each time, so these are kept, and copied; any other one draws.
    """
    entries = [*structure.entries, *structure.state_entries]
    known = {id(entry): key for entry in entries if (key := _key(entry, structure, keep)) is not None}
    if len(known) < len(entries):
        return structure.draw(_SEED, keep=keep)
    structure.fill(lambda entry: _drawn(known[id(entry)]))
    return structure


def draw_off_first(structure: Structure) -> Structure:
    """``draw_first``, and then parameters and states moved off these values, of which many are round: kept, too."""
    vectors = structure.parameters, structure.states
    groups = structure.entries, structure.state_entries
    keys = [[_key(entry, structure, True) for entry in entries] for entries in groups]
    if all(key is not None for group in keys for key in group):
        of_parameters, of_states = (tuple(key for key in group if key is not None) for group in keys)
        for vector, moved in zip(vectors, _moved(of_parameters, of_states), strict=True):
            np.copyto(vector, moved)
        return structure
    draw_first(structure)
    for vector, (factors, terms) in zip(vectors, _moves(*(vector.size for vector in vectors)), strict=True):
        np.multiply(vector, factors, out=vector)
        np.add(vector, terms, out=vector)
    return structure


def _key(entry: Entry, structure: Structure, keep: bool) -> _Key | None:
    """What decides what is drawn for an entry; None where that is not known beforehand."""
    declaration = entry.declaration
    initializer = declaration.initializer
    if keep and entry.layer.__dict__.get(declaration.name) is not None:
        return None
    if structure.dtype != np.float64 or not type(initializer).__module__.startswith(_OWN):
        return None
    arguments = tuple(vars(initializer).items())
    if not all(isinstance(value, _PLAIN) for _, value in arguments):
        return None
    return type(initializer), arguments, entry.path, declaration.shape, (declaration.fan_in, declaration.fan_out)


@lru_cache(maxsize=32)
def _drawn(key: _Key) -> Array:
    made, arguments, path, shape, fans = key
    rng = RandomStreams(_SEED).fresh("initialize", path)
    drawn = made(**dict(arguments)).initialize(shape, rng, np.dtype(np.float64), *fans)
    drawn.flags.writeable = False
    return drawn


@lru_cache(maxsize=16)
def _moved(of_parameters: tuple[_Key, ...], of_states: tuple[_Key, ...]) -> tuple[Array, Array]:
    """The vectors of parameters and of states, of these entries one behind the other, moved off what is drawn."""
    drawn = [
        np.concatenate([np.zeros(0), *(_drawn(key).ravel() for key in keys)]) for keys in (of_parameters, of_states)
    ]
    moves = _moves(*(vector.size for vector in drawn))
    one, other = (vector * factors + terms for vector, (factors, terms) in zip(drawn, moves, strict=True))
    for vector in (one, other):
        vector.flags.writeable = False
    return one, other


@lru_cache(maxsize=16)
def _moves(parameters: int, states: int) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """The factors and the terms that move so many parameters, and those that move so many states, off their first
    values: what is positive stays positive, and no bias stays 0."""
    rng = generator(1)
    first, noise = rng.random(parameters), rng.normal(size=parameters)
    of_parameters, of_states = (1 + 0.3 * first, 0.1 * noise), (1 + 0.3 * rng.random(states), 0.1 * rng.random(states))
    for array in (*of_parameters, *of_states):
        array.flags.writeable = False
    return of_parameters, of_states
