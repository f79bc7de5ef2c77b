"""The layers inside a layer: arguments that are parts, and parts that its constructor made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, final

from layerkit.errors import ArgumentError
from layerkit.interfaces.layer import Layer
from layerkit.models.plan import plan
from layerkit.shapes import as_shape, with_batch
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, rigs
from layerkit.testing.subject import Subject
from layerkit.testing.suite import suite
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Shape

_METHODS = ("forward", "backward", "derivative")
_OF_THE_HOST = ("_builder", "_home", "_node", "_idle")


def layers_are_parts(subject: Subject) -> None:
    """A layer that is an argument, or inside one, is a part if it is run, and is run on its own context."""
    checked = False
    for rig in rigs(subject):
        inside = {id(inner.layer) for inner in rig.node.walk()}
        run: list[str] = []
        elsewhere: list[str] = []
        for name, value in rig.layer.config.items():
            # a layer may be a template, of which copies are parts: then it is not run itself
            for layer in _layers_in(value):
                if id(layer) not in inside:
                    checked = True
                    _watch(layer, run, f"the argument {name!r} holds {layer!r}, of which the {{}} is run")
        for part in rig.node.walk():
            if part is not rig.node:
                checked = True
                _watch_context(part.layer, elsewhere)
        if not checked:
            continue
        try:
            for training in (True, False):
                x = rig.inputs()
                rig.tree(training=training).step(x, rig.upstream(x, training=training))
        except Exception:
            if not run and not elsewhere:
                raise
        if run:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: {run[0]}, though it is no part",
                expected="self.part(name, layer, input_shape) in build, and ctx.part(name).forward(x) in a pass",
                cause="the layer is called like a function; one that has parameters has no values then, keeps its pass "
                "in the context of the layer around it, and is neither trained, nor saved, nor frozen",
            )
        if elsewhere:
            raise Unmet(
                f"inputs of {with_batch(rig.shape)}: {elsewhere[0]}",
                expected="ctx.part(name).forward(x) and ctx.part(name).backward(grad), which run a part on a context "
                "of its own",
                cause="a part is run by its own methods, with the ctx of the layer around it: what both keep on "
                "ctx.saved meets there, and the part's gradients, states and draws go astray",
            )
    if not checked:
        raise NotApplicable("the layer holds no others")


def parts_from_the_constructor(subject: Subject) -> None:
    """Parts that have values are arguments, or were made by the constructor: build makes none."""
    found = False
    for shape in subject.case.input_shapes or DEFAULT_SHAPES:
        layer: Layer = subject.make()
        watching = _Watching({id(inner) for inner in _reachable(layer)})
        outer, layer._builder = layer._builder, watching
        try:
            layer.build(as_shape(shape) if shape != () else ())
        except Exception as error:
            raise NotApplicable(f"build raises {type(error).__name__}") from error
        finally:
            layer._builder = outer
        found = found or watching.parts > 0
        if watching.made:
            name, part = next(iter(watching.made.items()))
            raise Unmet(
                f"inputs of {with_batch(shape)}: the part {name!r}, {part!r}, is made by build",
                expected="parts in the constructor: build runs again where a model is copied, unpickled, or built for "
                "another shape, and finds other parts, or ones of the wrong shape",
                cause="make parts in the constructor, under a name that no argument has, or take them as arguments; a "
                "size that the input decides is an argument of the layer's own, or the layer declares parameters "
                "itself, with self.parameter",
            ) from _refusal(subject, shape)
    if not found:
        raise NotApplicable("the layer has no parts")


@final
class _Watching:
    """A builder that notes parts with values that the layer did not hold before."""

    def __init__(self, held: set[int]) -> None:
        self.parts = 0
        self.made: dict[str, Layer] = {}
        self._held = held

    def parameter(self, *declared: Any) -> None: ...

    def state(self, *declared: Any, **options: Any) -> None: ...

    def part(self, layer: Layer, name: str, inner: Layer, input_shape: Shape) -> Shape:
        self.parts += 1
        node = plan(inner, input_shape)
        has_values = any(each.parameters or each.states for each in node.walk())
        if has_values and id(inner) not in self._held:
            self.made[name] = inner
        return node.output_shape


def _refusal(subject: Subject, shape: Shape) -> ArgumentError | None:
    """What layerkit itself says of such a part, if it does."""
    try:
        plan(subject.make(), as_shape(shape) if shape != () else ())
    except ArgumentError as error:
        return error
    return None


def _layers_in(value: Any) -> Iterator[Layer]:
    if isinstance(value, Layer):
        yield value
    elif isinstance(value, dict):
        yield from (layer for inner in value.values() for layer in _layers_in(inner))
    elif isinstance(value, (list, tuple)):
        yield from (layer for inner in value for layer in _layers_in(inner))


def _watch(layer: Layer, run: list[str], told: str) -> None:
    """Note it when the layer is run, by any of its methods."""
    for method in _METHODS:
        if hasattr(type(layer), method):
            layer.__dict__[method] = _noting(getattr(layer, method), run, told.format(method))


def _watch_context(layer: Layer, run: list[str]) -> None:
    """Note it when the layer is run in the context of another one."""
    for method in ("forward", "backward"):
        function = getattr(layer, method)

        def noting(value: Any, ctx: Any, function: Callable[..., Any] = function, method: str = method) -> Any:
            if ctx.layer is not layer:
                run.append(f"the {method} of the part {layer!r} is given the context of {type(ctx.layer).__name__}")
            return function(value, ctx)

        layer.__dict__[method] = noting


def _noting(function: Callable[..., Any], run: list[str], told: str) -> Callable[..., Any]:
    def noting(*args: Any, **options: Any) -> Any:
        run.append(told)
        return function(*args, **options)

    return noting


def _reachable(layer: Layer) -> Iterator[Layer]:
    """The layers that a layer holds, in lists, dictionaries and objects of its own, too."""
    waiting: list[Any] = [layer]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, type):
            continue
        seen.add(id(value))
        if isinstance(value, Layer):
            yield value
        if isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, (list, tuple, set, frozenset)):
            waiting += value
        elif hasattr(value, "__dict__"):
            waiting += [inner for name, inner in vars(value).items() if name not in _OF_THE_HOST]


MADE = suite(layers_are_parts, parts_from_the_constructor)
