"""Any acyclic network of named layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

from layerkit.arguments import check_instance
from layerkit.errors import ArgumentError, ShapeError
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import IntegerInput, Layer
from layerkit.layers.wiring import Step, Wiring, told
from layerkit.models.model import Model
from layerkit.shapes import is_many, with_batch
from layerkit.suggestions import did_you_mean, quoted
from layerkit.types import Shape, Value


@final
class Graph(Model):
    """Nodes, each a layer with the names of what it reads: inputs of the network, or other nodes, in any order.

    A node that reads several names is handed a tuple of arrays, as ``Concatenate``, ``Add``, ``Multiply`` and
    ``Average`` take it. What several nodes read has the sum of their gradients. The same layer object in two nodes
    shares its parameters.

    Args:
        nodes: by name, each a tuple (or list) of the layer and the names that it reads.
        inputs: the names of the network's inputs, in the order in which a tuple of arrays is given. With several,
            ``fit``, ``predict`` and the like also take a dictionary of arrays by these names.
        output: the node whose output is the network's; the one that nobody reads, if left out.

    Raises:
        ArgumentError: a name is unknown or stands for two things, nodes read each other in a circle, or something is
            read by nobody and is not the output.
        ShapeError: at build, if a layer cannot take what it reads; the message names the node.

    >>> from layerkit import Add, Concatenate, Dense, ReLU
    >>> model = Graph(
    ...     {
    ...         "hidden": (Dense(8, activation=ReLU()), "picture"),
    ...         "both": (Concatenate(), "hidden", "age"),
    ...         "answer": (Dense(2), "both"),
    ...     },
    ...     inputs=("picture", "age"),
    ... )
    >>> print(model.initialize({"picture": 5, "age": 1}).summary())
    path             layer        reads        output shape  parameters
    -------------------------------------------------------------------
    picture          (input)                   (batch, 5)
    age              (input)                   (batch, 1)
    hidden           Dense        picture      (batch, 8)            48
    hidden.function    ReLU                    (batch, 8)             0
    both             Concatenate  hidden, age  (batch, 9)             0
    answer           Dense        both         (batch, 2)            20
    68 trained parameters, float32
    """

    recordable = True

    def __init__(
        self,
        nodes: Mapping[str, Sequence[Any]],
        *,
        inputs: Sequence[str] = ("input",),
        output: str | None = None,
    ) -> None:
        self.nodes = nodes
        self.inputs = inputs
        self.output = output
        names = _checked_inputs(inputs)
        self._layers, reads = _checked_nodes(nodes, names)
        order = _ordered(reads, names)
        last = _checked_output(output, reads, names)
        # the output is the last step; nothing reads what nobody needs
        order = [name for name in order if name != last] + [last]
        places = {name: place for place, name in enumerate((*names, *order))}
        self._reads = {name: reads[name] for name in order}
        self._wiring = Wiring(
            len(names),
            [Step(name, tuple(places[each] for each in reads[name]), len(reads[name]) > 1) for name in order],
        )

    @property
    def integer_input(self) -> IntegerInput:  # type: ignore[override]
        """What the nodes make of integers, of each input where there are several."""
        return told(self._wiring.integer_inputs(self._layers))

    @property
    def input_names(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(self.inputs)

    @property
    def output_part(self) -> str | None:  # type: ignore[override]
        return self._wiring.steps[-1].part

    @property
    def part_inputs(self) -> Mapping[str, tuple[str, ...]]:  # type: ignore[override]
        return self._reads

    def build(self, input_shape: Shape) -> Shape:
        count = len(self.inputs)
        if count == 1:
            return self._wiring.build(self, self._layers, [input_shape])
        if not is_many(input_shape) or len(input_shape) != count:
            raise ShapeError(
                f"Graph: takes {count} inputs, {quoted(self.inputs)}, got inputs of {with_batch(input_shape)}"
            )
        return self._wiring.build(self, self._layers, input_shape)

    def connect(self, ctx: Context) -> None:
        self._wiring.connect(ctx, self._layers)

    def forward(self, x: Value, ctx: Context) -> Value:
        return self._wiring.forward((x,) if len(self.inputs) == 1 else x, ctx)

    def backward(self, grad: Value, ctx: Context) -> Value:
        below = self._wiring.backward(grad, ctx)
        if not ctx.needs_input_gradient:
            return None
        return below[0] if len(self.inputs) == 1 else below

    def __getitem__(self, name: str) -> Layer:
        return self._layers[name]


def _checked_inputs(inputs: Any) -> tuple[str, ...]:
    if not isinstance(inputs, (list, tuple)) or not inputs:
        raise ArgumentError(
            f'Graph: inputs must be a tuple of at least one name, such as ("image", "age"), got {inputs!r}'
        )
    for name in inputs:
        _check_name(name, "inputs")
    if len(set(inputs)) < len(inputs):
        raise ArgumentError(f"Graph: inputs must be named once each, got {inputs!r}")
    return tuple(inputs)


def _checked_nodes(nodes: Any, inputs: tuple[str, ...]) -> tuple[dict[str, Layer], dict[str, tuple[str, ...]]]:
    """The layer of each node, and what each reads."""
    if not isinstance(nodes, Mapping) or not nodes:
        raise ArgumentError(
            'Graph: nodes must be a dictionary of at least one node, such as {"hidden": (Dense(30), "input")}, got '
            f"{nodes!r}"
        )
    layers: dict[str, Layer] = {}
    reads: dict[str, tuple[str, ...]] = {}
    for name, node in nodes.items():
        _check_name(name, "nodes")
        if name in inputs:
            raise ArgumentError(f"Graph: nodes: {name!r} is an input and a node: give the node another name")
        if not isinstance(node, (list, tuple)) or len(node) < 2 or not all(isinstance(each, str) for each in node[1:]):
            raise ArgumentError(
                f"Graph: nodes[{name!r}] must be a tuple of a layer and the names that it reads, such as "
                f'(Dense(30), "{inputs[0]}"), got {node!r}'
            )
        check_instance("Graph", f"nodes[{name!r}]", node[0], Layer)
        layers[name], reads[name] = node[0], tuple(node[1:])
    known = (*inputs, *reads)
    for name, given in reads.items():
        for each in given:
            if each not in known:
                raise ArgumentError(
                    f"Graph: nodes[{name!r}] reads {each!r}, which is neither an input nor a node."
                    f"{did_you_mean(each, known)} There are {quoted(known)}"
                )
    return layers, reads


def _ordered(reads: Mapping[str, tuple[str, ...]], inputs: tuple[str, ...]) -> list[str]:
    """The nodes, each behind all that it reads, else in the order in which they were given."""
    placed, order, waiting = set(inputs), list[str](), list(reads)
    while waiting:
        ready = [name for name in waiting if placed.issuperset(reads[name])]
        if not ready:
            raise ArgumentError(
                f"Graph: nodes must not read each other in a circle, {_circle(reads, waiting)}: a network's data goes "
                "one way"
            )
        # one at a time, so that the order given is kept as far as may be
        order.append(ready[0])
        placed.add(ready[0])
        waiting.remove(ready[0])
    return order


def _circle(reads: Mapping[str, tuple[str, ...]], waiting: Sequence[str]) -> str:
    name, seen = waiting[0], list[str]()
    while name not in seen:
        seen.append(name)
        name = next(each for each in reads[name] if each in waiting)
    return " → ".join(map(repr, [name, *reversed(seen[seen.index(name) :])]))


def _checked_output(output: str | None, reads: Mapping[str, tuple[str, ...]], inputs: tuple[str, ...]) -> str:
    read = {each for given in reads.values() for each in given}
    if output is not None and output not in reads:
        raise ArgumentError(
            f"Graph: output must be the name of a node, got {output!r}.{did_you_mean(str(output), reads)} The nodes "
            f"are {quoted(tuple(reads))}"
        )
    unread = [name for name in (*inputs, *reads) if name not in read and name != output]
    ends = [name for name in unread if name in reads]
    last = output if output is not None or len(ends) != 1 else ends[0]
    idle = [name for name in unread if name != last]
    if last is None:
        raise ArgumentError(
            f"Graph: nodes: {quoted(ends)} are read by nobody: join them, or leave out all but the one that is the "
            "output"
        )
    if idle:
        told = " and ".join(
            f"{what} {quoted(names)}"
            for what, names in (
                ("the inputs", [name for name in idle if name in inputs]),
                ("the nodes", [name for name in idle if name in reads]),
            )
            if names
        )
        raise ArgumentError(
            f"Graph: nobody reads {told}, and the output is {last!r}: let a node read what is there, or leave it out"
        )
    return last


def _check_name(name: Any, argument: str) -> None:
    if not isinstance(name, str) or not name or "." in name or not name.isprintable():
        raise ArgumentError(f"Graph: {argument}: a name must be text without a dot, got {name!r}")
