"""The memory of a model: one vector of parameters, one of gradients, one of states, and the layers' views into them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from threading import get_ident
from typing import Any, Self, final

from layerkit.errors import ShapeError
from layerkit.interfaces.assigned_values import checked_values
from layerkit.interfaces.layer import Layer
from layerkit.interfaces.update_context import ParameterSlice
from layerkit.memory import MODEST_BYTES, aligned, available_bytes, told_bytes
from layerkit.models.gate import Gate
from layerkit.models.moment import Moment
from layerkit.models.node import Declaration, Node
from layerkit.models.rebuilt import require_same_build
from layerkit.random_streams import RandomStreams
from layerkit.types import Array, DType
from layerkit.uninterrupted import uninterrupted


@final
@dataclass(slots=True)
class Entry:
    """One parameter or state: where it was declared, and where it lies in the flat vector."""

    path: str
    layer: Layer
    declaration: Declaration
    trainable: bool = True
    start: int = 0
    stop: int = 0

    def view(self, vector: Array) -> Array:
        return vector[self.start : self.stop].reshape(self.declaration.shape)


@final
class Structure:
    """The memory of a planned network: laid out when it is made, then filled with values, then installed in the layers.

    Trainable parameters come first in the vectors, frozen ones last, each group in the order of the network: so what an
    optimizer moves is always one contiguous piece, ``parameters[:trainable]``.

    Laying out draws no value and touches no layer; until ``install``, an error leaves the layers as they were.

    Raises:
        ShapeError: the vectors would need more memory than is available.
    """

    def __init__(self, node: Node, dtype: DType) -> None:
        self.node = node
        self.root = node.layer
        self.dtype = dtype
        self.version = 0
        self.gate = Gate()
        self.entries: list[Entry] = []
        self.state_entries: list[Entry] = []
        for inner in node.walk():
            if inner.first:
                self.entries += [Entry(inner.join(name), inner.layer, it) for name, it in inner.parameters.items()]
                self.state_entries += [Entry(inner.join(name), inner.layer, it) for name, it in inner.states.items()]
        _require_memory([*self.entries, *self.entries, *self.state_entries], dtype)
        self._lay_out()

    def draw(self, seed: int, *, keep: bool = True) -> Self:
        """Fill the vectors: with what layers have already, if ``keep``, and with what initializers draw.

        Raises:
            ShapeError: a layer has values of another shape, or an initializer gave another one.
        """
        streams = RandomStreams(seed)
        self.fill(lambda entry: _first_value(entry, self.dtype, streams, keep=keep))
        return self

    def install(self) -> Self:
        """Make the vectors the layers' own: each is given views of its values."""
        for entry in self.entries:
            entry.layer.__dict__[entry.declaration.name] = entry.view(self.parameters)
        for entry in self.state_entries:
            view = entry.view(self.states)
            # a pass reads states, and only proposes new ones
            view.flags.writeable = False
            entry.layer.__dict__[entry.declaration.name] = view
        for inner in self.node.walk():
            if inner.first:
                inner.layer._home = self
                inner.layer._node = inner
                inner.layer._values = (*inner.parameters, *inner.states)
        self.version += 1
        return self

    def rearrange(self, dtype: DType | None = None) -> None:
        """Lay the vectors out again, for what is frozen now or for another dtype; values are kept."""
        with self.gate.exclusive():
            current = self.root._home
            if current is not self and isinstance(current, Structure):
                # it was laid out for other shapes while this waited
                current.rearrange(dtype)
                return
            # from the beginning, so that the order does not depend on what was frozen before
            laid_out = Structure(self.node, self.dtype if dtype is None else dtype)
            # the layers still hold views of the old vectors
            laid_out.fill(lambda entry: entry.layer.__dict__[entry.declaration.name])
            kept = {"gate": self.gate, "version": self.version}

            def take_over() -> None:
                self.__dict__.update(laid_out.__dict__ | kept)
                self.install()

            # half of the layers would hold the old vectors
            uninterrupted(take_over)

    def _lay_out(self) -> None:
        frozen = _frozen_layers(self.node, outer=False)
        for entry in self.entries:
            entry.trainable = id(entry.layer) not in frozen
        # a stable sort: among those trained, and among those frozen, the order of the network stays
        self.entries.sort(key=lambda entry: not entry.trainable)
        self.parameters = self._vector(self.entries)
        # not zeros_like, which would touch the memory: a model that is only read from never needs it
        self.gradient = aligned(self.parameters.shape, self.dtype, zero=True)
        self.states = self._vector(self.state_entries)
        self.trainable = sum(entry.stop - entry.start for entry in self.entries if entry.trainable)

    def _vector(self, entries: list[Entry]) -> Array:
        start = 0
        for entry in entries:
            entry.start, entry.stop = start, start + math.prod(entry.declaration.shape)
            start = entry.stop
        return aligned((start,), self.dtype)

    def fill(self, value: Callable[[Entry], Array]) -> None:
        """Write the values of all entries into the vectors."""
        for entries, vector in ((self.entries, self.parameters), (self.state_entries, self.states)):
            for entry in entries:
                entry.view(vector)[...] = value(entry)

    def state_of(self, layer: Layer) -> dict[str, Any]:
        """For ``__getstate__``: what a copy of a layer in here is made of, all of one copy at one moment."""
        return self.moment(layer).state_of(layer)

    def moment(self, layer: Layer, *, ahead: bool = False) -> Moment:
        """The state of a layer, and of all inside it, at the moment at which this thread began to copy it.

        ``ahead``: what holds the layer is being copied, and the layer will be.
        """
        moments, me = self.gate.moments, get_ident()
        known: Moment | None = moments.get(me)
        if known is None or not known.serves(layer):
            known = moments[me] = self.gate.still(self._moment, layer)
            known.ahead = ahead
        return known

    def assign(self, layer: Layer, name: str, value: Any) -> None:
        """Write values into a layer's parameter or state.

        Raises:
            ArgumentError: they are no finite numbers of its shape, or a state never has such ones.
        """
        self.gate.shared(self._assign, layer, name, value)

    def _assign(self, layer: Layer, name: str, value: Any) -> None:
        for entries, vector in ((self.entries, self.parameters), (self.state_entries, self.states)):
            for entry in entries:
                if entry.layer is layer and entry.declaration.name == name:
                    title = f"{entry.path!r} ({type(layer).__name__})"
                    values = checked_values(title, value, entry.declaration.shape, self.dtype)
                    entry.declaration.require_reached(title, values)
                    entry.view(vector)[...] = values

    def require_same_build(self, layer: Layer, other: Layer, name: str) -> None:
        """Refuse an argument of another value with which a layer would be built otherwise.

        ``other``: a layer of the same arguments but for the one called ``name``.

        Raises:
            ArgumentError: a parameter, a state, a part or the output would be another one.
        """
        require_same_build(layer._node, layer, other, name)

    def _moment(self, layer: Layer) -> Moment:
        node: Node = layer._node
        return Moment(layer, node, self.dtype)

    def slices(self) -> tuple[ParameterSlice, ...]:
        """The trainable parameters' places in the vectors."""
        return tuple(
            ParameterSlice(entry.path, entry.start, entry.stop, entry.declaration.shape, entry.declaration.tags)
            for entry in self.entries
            if entry.trainable
        )


def _require_memory(entries: list[Entry], dtype: DType) -> None:
    """Refuse what the machine has no memory for, rather than let it swap; ``entries``: all that is to be laid out."""
    sizes = [math.prod(entry.declaration.shape) for entry in entries]
    needed = sum(sizes) * dtype.itemsize
    if needed <= MODEST_BYTES or needed <= (available := available_bytes()):
        return
    largest = entries[sizes.index(max(sizes))]
    raise ShapeError(
        f"parameters, gradients and states would need {told_bytes(needed)} of memory, and {told_bytes(available)} are "
        f"available: the largest is {largest.path!r} ({type(largest.layer).__name__}) of shape "
        f"{largest.declaration.shape}. Give smaller sizes"
    )


def _first_value(entry: Entry, dtype: DType, streams: RandomStreams, *, keep: bool) -> Array:
    declaration = entry.declaration
    known = entry.layer.__dict__.get(declaration.name)
    if keep and known is not None:
        if known.shape != declaration.shape:
            raise ShapeError(
                f"{entry.path!r} ({type(entry.layer).__name__}) already has values of shape {known.shape}, and "
                f"would need {declaration.shape} here: take a new layer, or ask for new values with "
                "initialize(…, rebuild=True)"
            )
        kept: Array = known
        return kept
    rng = streams.fresh("initialize", entry.path)
    drawn = declaration.initializer.initialize(declaration.shape, rng, dtype, declaration.fan_in, declaration.fan_out)
    if drawn.shape != declaration.shape:
        raise ShapeError(
            f"{type(declaration.initializer).__name__} gave shape {drawn.shape} for {entry.path!r}, "
            f"which needs {declaration.shape}"
        )
    return drawn


def _frozen_layers(node: Node, *, outer: bool) -> set[int]:
    """The layers that are frozen, on their own or by something around them."""
    frozen = outer or node.layer.frozen
    found = {id(node.layer)} if frozen else set()
    for part in node.parts.values():
        found |= _frozen_layers(part, outer=frozen)
    return found
