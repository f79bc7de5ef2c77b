"""The layer contract: what every part of a network implements."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, Self, TypeAlias

from layerkit.calls import being_made, explained
from layerkit.errors import CallError, NotBuiltError, UnknownAttributeError
from layerkit.familiar_members import OF_LAYERS, familiar, no_attribute
from layerkit.interfaces.assigned_values import checked_values
from layerkit.interfaces.assignment import is_own, judge
from layerkit.interfaces.configurable import Configurable
from layerkit.interfaces.kept_arguments import kept
from layerkit.types import Array, Shape, Value

if TYPE_CHECKING:
    from layerkit.interfaces.context import Context
    from layerkit.interfaces.initializer import Initializer


_ForIntegers: TypeAlias = Literal["cast", "accept", "keep"]
IntegerInput: TypeAlias = _ForIntegers | tuple[_ForIntegers, ...]
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Builder(Protocol):
    """What the outermost container lends a layer while it runs ``build``."""

    def parameter(
        self,
        layer: Layer,
        name: str,
        shape: Shape,
        initializer: Initializer,
        fan_in: int | None,
        fan_out: int | None,
        tags: tuple[str, ...],
    ) -> None: ...

    def state(self, layer: Layer, name: str, shape: Shape, initializer: Initializer, minimum: float | None) -> None: ...

    def part(self, layer: Layer, name: str, inner: Layer, input_shape: Shape) -> Shape: ...


class Home(Protocol):
    """The model that holds a built layer's values."""

    version: int

    def rearrange(self) -> None: ...

    def state_of(self, layer: Layer) -> dict[str, Any]: ...

    def assign(self, layer: Layer, name: str, value: Any) -> None: ...

    def require_same_build(self, layer: Layer, other: Layer, name: str) -> None: ...


_OF_THE_HOST = {"_builder", "_home", "_node", "_idle"}
"""What belongs to the model that a layer is in, and stays behind when it is copied."""


class Layer(Configurable, ABC):
    """One step of a network: ``forward`` maps an input to an output, ``backward`` maps gradients the other way.

    A pass lives on its context, never on the layer: a layer holds arguments and views of its parameters, nothing that
    changes from pass to pass. So one model serves many threads, a layer may occur twice in a network, and passes may
    interleave.

    An author writes ``build``, ``forward`` and ``backward``::

        class Scale(Layer):
            def build(self, input_shape):
                self.parameter("factor", input_shape, Constant(1.0))
                return input_shape

            def forward(self, x, ctx):
                ctx.saved.x = x
                return x * self.factor

            def backward(self, grad, ctx):
                ctx.gradient("factor")[...] = (grad * ctx.saved.x).sum(axis=0)
                return grad * self.factor
    """

    _instead = OF_LAYERS

    integer_input: ClassVar[IntegerInput] = "cast"
    """What becomes of integer input: cast to the model's dtype before the layer sees it; accepted as it is
    (an embedding, a rescaling of bytes); or kept as it is, since the layer passes any dtype on (a reshape). A layer of
    several inputs may say it for each, in a tuple."""

    input_names: ClassVar[tuple[str, ...]] = ()
    """The names of its inputs, in their order, where they have some: then data may come in a dictionary."""

    part_inputs: ClassVar[Mapping[str, tuple[str, ...]]] = _NOTHING
    """Of a container, the names of what each part reads, where a summary should tell it: inputs or other parts."""

    output_part: ClassVar[str | None] = None
    """Of a container, the part whose output it hands on as its own, if there is one."""

    coupled_rows: ClassVar[bool] = False
    """Whether a training pass mixes the rows of a batch, as batch normalisation does."""

    stochastic: ClassVar[bool] = False
    """Whether a training pass draws random numbers."""

    normalizes: ClassVar[bool] = False
    """Whether the output has a scale of its own, whatever that of the input, as after batch normalisation: data that is
    far from 1 then needs no word."""

    recordable: ClassVar[bool] = False
    """Whether both passes are, for one shape of input, always the same NumPy operations on memory from ``ctx.scratch``,
    with no random draw, no number that Python reads off an array (a parameter, too) and no array whose length depends
    on numbers: then an engine may record them and repeat the operations alone. The ``numpy`` engine compares the first
    repetitions with the passes themselves, and leaves it to these where something was read all the same."""

    adapted: Array
    """Of a layer that overrides ``adapt``: a state that layerkit keeps, 1 once it has learned from data, else 0."""

    _builder: Builder | None = None
    _home: Home | None = None
    _frozen: bool = False
    _values: tuple[str, ...] = ()

    @abstractmethod
    def build(self, input_shape: Shape) -> Shape:
        """Declare parameters, state and parts; return the output shape. Called by the container, possibly repeatedly.

        Shapes leave the batch axis out; an axis that varies from batch to batch is ``None``.

        Raises:
            ShapeError: the layer cannot take this input shape.
        """

    @abstractmethod
    def forward(self, x: Value, ctx: Context) -> Value:
        """The output for ``x``, ``(batch, *input_shape)``; what ``backward`` will need goes on ``ctx.saved``.

        ``x`` is read-only. What is returned stays valid until the context's next pass: it may be ``ctx.scratch``.
        """

    @abstractmethod
    def backward(self, grad: Value, ctx: Context) -> Value | None:
        """The gradient with respect to ``x``, from ``grad``, the one with respect to the output.

        Overwrites each ``ctx.gradient(name)`` with that parameter's gradient, summed over the batch. May return
        ``None`` where ``ctx.needs_input_gradient`` is false. Works after a forward pass in training or inference mode.
        """

    def adapt(self, batches: Iterable[tuple[Value, Array]], ctx: Context) -> None:
        """Learn from the training data before the first step, where a layer takes something from it there.

        A layer that overrides this is asked once: by the first ``fit``, and whenever ``Trainer.adapt`` is called.
        ``batches`` is what reaches the layer, each batch an ``x`` with the weights of its rows, ``(batch,)`` float64,
        valid until the next one, as is its mask, ``ctx.mask_over(x)``. It may be gone through more than once. What is
        learned is proposed by ``ctx.update_state``, as in a pass.
        """

    def connect(self, ctx: Context) -> None:
        """Say, once for each new context tree, which parts' input gradients are wanted; by default all are."""

    def parameter(
        self,
        name: str,
        shape: Shape,
        initializer: Initializer,
        *,
        fan_in: int | None = None,
        fan_out: int | None = None,
        tags: Iterable[str] = (),
    ) -> None:
        """Declare a trained array, in ``build``; afterwards ``self.<name>`` is a view into the model's flat vector.

        ``fan_in`` and ``fan_out`` are the connections into and out of one unit, for initializers that scale by them;
        ``tags`` (such as ``"bias"``) tell optimizers and transforms what the array is.
        """
        self._building().parameter(self, name, shape, initializer, fan_in, fan_out, tuple(tags))

    def state(self, name: str, shape: Shape, initializer: Initializer, *, minimum: float | None = None) -> None:
        """Declare an untrained array, in ``build``: read-only in a pass, changed by ``ctx.update_state`` alone.

        A file that holds a number below ``minimum`` for it is refused: 0 for a variance, say.
        """
        self._building().state(self, name, shape, initializer, minimum)

    def part(self, name: str, layer: Layer, input_shape: Shape) -> Shape:
        """Declare an inner layer, in ``build``; returns its output shape. ``ctx.part(name)`` runs it in a pass."""
        return self._building().part(self, name, layer, input_shape)

    @property
    def built(self) -> bool:
        """Whether the layer is part of a model that holds its values."""
        return self._home is not None

    @property
    def frozen(self) -> bool:
        """Whether ``freeze`` was called on this layer: then it is left out of training and runs in inference mode."""
        return self._frozen

    @explained
    def freeze(self) -> Self:
        """Leave the layer, with all its parts, out of training from the next step on."""
        return self._set_frozen(True)

    @explained
    def unfreeze(self) -> Self:
        """Take the layer into training again; a part that was frozen on its own stays frozen."""
        return self._set_frozen(False)

    @explained
    def copy(self) -> Self:
        """A layer of the same arguments and values that belongs to no model."""
        return copy.deepcopy(self)

    def _set_frozen(self, frozen: bool) -> Self:
        before, home = self._frozen, self._home
        version = None if home is None else home.version
        try:
            self._frozen = frozen
            if home is not None:
                home.rearrange()
        except BaseException:
            if home is not None and home.version == version:
                self._frozen = before
            raise
        return self

    def _building(self) -> Builder:
        if self._builder is None:
            raise NotBuiltError(
                f"{type(self).__name__}: parameters, state and parts are declared in build(), which the container calls"
            )
        return self._builder

    def __setattr__(self, name: str, value: Any) -> None:
        """Write values into a parameter or a state; judge an argument, and refuse one that a built layer depends on."""
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        elif being_made() or self._builder is not None:
            object.__setattr__(self, name, kept(self, name, value))
        elif name in self._values:
            self._write(name, value)
        elif self._home is None and is_own(type(self)) and _is_parameter(type(self), name):
            raise NotBuiltError(
                f"{type(self).__name__} has no {name!r} yet to assign to: parameters exist once the model around it is "
                "built. Call model.initialize(input_shape) first, or give the layer an initializer"
            )
        else:
            other = judge(self, name, value, self._instead)
            if other is not None and self._home is not None:
                self._home.require_same_build(self, other, name)
            object.__setattr__(self, name, kept(self, name, value))

    def _write(self, name: str, value: Any) -> None:
        own = self.__dict__[name]
        if value is own:
            # what `layer.bias += 1` assigns
            return
        if self._home is None:
            own[...] = checked_values(f"{type(self).__name__}.{name}", value, own.shape, own.dtype)
        else:
            self._home.assign(self, name, value)

    # for a type checker a layer cannot be called
    if not TYPE_CHECKING:

        def __call__(self, *positional: Any, **named: Any) -> Any:
            raise CallError(
                f"a {type(self).__name__} is not called: write model.predict(x) for the predictions of a model, and "
                "Sequential([…]) or Graph({…}) to put layers together"
            )

    def __getattr__(self, name: str) -> Any:
        kind = type(self).__name__
        own = getattr(type(self), name, None)
        if isinstance(own, property):
            # it has raised an AttributeError, and is to be heard itself
            return own.__get__(self)
        if name.startswith("_"):
            raise AttributeError(f"{kind!r} object has no attribute {name!r}")
        foreign = is_own(type(self)) and familiar(name, OF_LAYERS) is not None
        if foreign or self.__dict__.get("_home") is not None:
            public = [each for each in (*self.__dict__, *dir(type(self))) if not each.startswith("_")]
            raise UnknownAttributeError(no_attribute(kind, name, OF_LAYERS, public))
        raise NotBuiltError(
            f"{kind} has no {name!r} (yet): parameters exist once the model around it is built. "
            "Call model.initialize(input_shape) or Trainer.fit first"
        )

    def __getstate__(self) -> dict[str, Any]:
        # other threads may train the model meanwhile, or lay it out anew
        return state_now(self) if self._home is None else self._home.state_of(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.__dict__.pop("_moment", None)


def _is_parameter(kind: type, name: str) -> bool:
    """Whether a class of layerkit declares ``name`` as what it has once it is built."""
    return name in vars(kind).get("__annotations__", ()) and not hasattr(kind, name)


def adapts(layer: Layer) -> bool:
    """Whether a layer learns from data before training: whether its class overrides ``adapt``."""
    return type(layer).adapt is not Layer.adapt


def state_now(layer: Layer) -> dict[str, Any]:
    """What a copy of a layer is made of, without that of its parts: its values (copies) as they are now."""
    state = {key: value for key, value in layer.__dict__.items() if key not in _OF_THE_HOST}
    return state | {name: state[name].copy() for name in layer._values}
