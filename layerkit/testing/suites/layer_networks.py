"""A layer among others: twice in one network, inside a Sequential, trained, saved and restored."""

from __future__ import annotations

import pickle
from typing import final

import numpy as np

from layerkit.activations.tanh import Tanh
from layerkit.costs.quadratic import Quadratic
from layerkit.interfaces.context import Context
from layerkit.interfaces.layer import Layer
from layerkit.layers.dense import Dense
from layerkit.models.plan import plan
from layerkit.models.sequential import Sequential
from layerkit.optimizers.adam import Adam
from layerkit.shapes import as_shape, is_many, with_batch
from layerkit.testing.closeness import difference, identical
from layerkit.testing.differences import compare
from layerkit.testing.inputs import concrete, each, parts
from layerkit.testing.rigs.layer_rig import DEFAULT_SHAPES, LayerRig, rigs
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.training.trainer import Trainer
from layerkit.types import Shape, Value

_STEPS = 20
_STEPS_PER_EPOCH = 20
_ROWS = 16
_WIDTH = 4


@final
class _Both(Layer):
    """The same layer in two places, side by side: (f(x), f(½ x))."""

    def __init__(self, inner: Layer) -> None:
        self.inner = inner

    def build(self, input_shape: Shape) -> Shape:
        first = self.part("first", self.inner, input_shape)
        second = self.part("second", self.inner, input_shape)
        return (first, second)

    def forward(self, x: Value, ctx: Context) -> Value:
        halved = each(lambda array: array / 2 if array.dtype.kind == "f" else array, x)
        return ctx.part("first").forward(x), ctx.part("second").forward(halved)

    def backward(self, grad: Value, ctx: Context) -> Value:
        ctx.part("first").backward(grad[0])
        ctx.part("second").backward(grad[1])
        return None


@told_by(
    "pickle-and-deepcopy",
    "parameter-gradients",
    "inference-deterministic",
    "interleaved-passes",
    "stochastic-training",
    "arguments-kept",
)
def twice_in_one_network(subject: Subject) -> None:
    """In two places of one network, the layer's gradient is the sum of what it has in each."""
    checked = False
    for shape in _shapes(subject):
        both = LayerRig(_Both(subject.make()), shape, subject.case)
        if is_many(both.node.parts["first"].output_shape):
            continue
        checked = True
        training = not both.stochastic
        x = both.inputs()
        tree = both.tree(training=training)
        outputs = tree.forward(x)
        upstream = tuple(generator(70 + place).normal(size=y.shape) for place, y in enumerate(outputs))
        _, found = tree.backward(upstream)
        # the same layer in a structure of its own, with the same values, once for each place
        layer = both.layer.inner
        alone = LayerRig(layer.copy(), shape, subject.case)
        alone.structure.parameters[...] = both.structure.parameters
        alone.structure.states[...] = both.structure.states
        halved = each(lambda array: array / 2 if array.dtype.kind == "f" else array, x)
        steps = [
            alone.tree(training=training).step(value, grad) for value, grad in zip((x, halved), upstream, strict=True)
        ]
        wanted = [a + b for a, b in zip(steps[0].gradients.values(), steps[1].gradients.values(), strict=True)]
        told = difference((outputs, tuple(found.values())), (tuple(step.output for step in steps), tuple(wanted)))
        if told is not None:
            raise Unmet(
                f"inputs of {with_batch(both.shape)}: in two places at once, {told}",
                expected="the outputs that each place has on its own, and the sum of both gradients",
                cause="something is kept on self between the passes, or the gradient is written elsewhere than into "
                "ctx.gradient(name)",
            )
    if not checked:
        raise NotApplicable("the layer has several outputs")


@told_by(
    "declared-output-shape",
    "batch-sizes",
    "parameters-read-anew",
    "inputs-read-anew",
    "parts-left-alone",
    "input-gradient",
    "parameter-gradients",
    "input-gradient-not-wanted",
    "planted-points",
)
def inside_a_network(subject: Subject) -> None:
    """Between other layers in a Sequential, the gradient of the whole network agrees with central differences."""
    for shape in _shapes(subject):
        rig = LayerRig(*_network(subject, shape), subject.case)
        x = rig.inputs()
        training = True
        grad = rig.upstream(x, training=training)
        tree = rig.tree(training=training, needs_input_gradient=False)
        step = tree.step(x, grad)
        gradient = np.concatenate([array.ravel() for array in step.gradients.values()] or [np.zeros(0)])
        upstream = parts(grad)

        def value(rig: LayerRig = rig, x: Value = x, upstream: list = upstream, tree=tree) -> float:  # type: ignore[no-untyped-def, type-arg]
            return float(sum(np.sum(g * y) for g, y in zip(upstream, parts(tree.forward(x)), strict=True)))

        size = float(sum(np.abs(g * y).sum() for g, y in zip(upstream, parts(step.output), strict=True)))
        told = compare(value, rig.structure.parameters, gradient, generator(71), size=size)
        if told is not None:
            raise Unmet(
                f"{rig.layer!r} on {with_batch(rig.shape)}: {told}",
                expected="the derivative of Σ grad · output with respect to every parameter of the network",
                cause="the layer writes into memory that another layer still reads (its input, where that happens to "
                "be writable), or returns a gradient that another layer overwrites",
            )


@told_by(
    "declared-output-shape",
    "inside-a-network",
    "input-gradient-not-wanted",
    "planted-points",
    "parameters-read-anew",
    "inputs-read-anew",
    "input-gradient",
    "parameter-gradients",
    "adapts-to-data",
)
def learns(subject: Subject) -> None:
    """In a small network that is trained for a moment, the cost falls."""
    for shape in _shapes(subject):
        model, input_shape = _network(subject, shape)
        rig = LayerRig(*_network(subject, shape), subject.case)
        if is_many(rig.node.output_shape):
            raise NotApplicable("the layer has several outputs")
        fixed = concrete(input_shape)
        x = rig.inputs(_ROWS)
        # another network of the same form, farther out: there is something to learn, also where training is noisy
        y = 2 * rig.forward(x, training=False) + 1
        model.initialize(fixed, seed=1, dtype="float64")
        if not model.structure.trainable:
            raise NotApplicable("there is nothing to train: the layer has no parameters and changes no width")
        trainer = Trainer(model, cost=Quadratic(), optimizer=Adam(0.03), silence=("all",), seed=2)
        before = trainer.evaluate((x, y))["cost"]
        # always the same batch; an epoch costs more than a step
        again = each(lambda array: np.concatenate([array] * _STEPS_PER_EPOCH), (x, y))
        trainer.fit(again, epochs=_STEPS // _STEPS_PER_EPOCH, batch_size=_ROWS, shuffle=False)
        after = trainer.evaluate((x, y))["cost"]
        if not after < 0.98 * before:
            raise Unmet(
                f"{model!r} on {with_batch(shape)}: the cost went from {before:.4g} to {after:.4g} in {_STEPS} steps",
                expected="a cost that falls",
                cause="gradients that point the wrong way, parameters that are not where the layer reads them, or "
                "training and inference that differ",
            )


@told_by("pickle-and-deepcopy", "parameters-untouched")
def state_saved_and_restored(subject: Subject) -> None:
    """Parameters and states are all that a layer remembers: a fresh layer that is given them gives the same bits."""
    for rig in rigs(subject):
        tree = rig.tree(training=True)
        for seed in (80, 81):
            x = rig.inputs(seed=seed)
            tree.step(x, rig.upstream(x, training=True))
            # what a training pass of layerkit's does after its step
            tree.forward(x)
            tree.commit()
        fresh = LayerRig(subject.make(), rig.shape, subject.case)
        if fresh.structure.parameters.shape != rig.structure.parameters.shape:
            raise Unmet(
                f"{with_batch(rig.shape)}: built again, the layer has other parameters",
                expected="the same parameters for the same arguments and input shape",
                cause="build depends on something that is kept from an earlier build or pass",
            )
        fresh.structure.parameters[...] = rig.structure.parameters
        fresh.structure.states[...] = rig.structure.states
        x = rig.inputs(seed=82)
        wanted = rig.forward(x, training=False)
        if not identical(fresh.forward(x, training=False), wanted):
            raise Unmet(
                f"{with_batch(rig.shape)}: a fresh layer that is given parameters and states gives another output",
                expected="the same bits",
                cause="something that was learned or counted is kept on self; declare it with self.state(…)",
            )
        copied = LayerRig(rig.layer.copy(), rig.shape, subject.case)
        copied.structure.parameters[...] = rig.structure.parameters
        copied.structure.states[...] = rig.structure.states
        if not identical(copied.forward(x, training=False), wanted):
            raise Unmet(
                f"{with_batch(rig.shape)}: layer.copy() gives another output",
                expected="the same bits",
                cause="__getstate__ or __deepcopy__ is written by hand",
            )


@told_by("pickle-and-deepcopy", "parameters-untouched")
def built_model_pickled(subject: Subject) -> None:
    """A model with the layer in it, pickled or copied, predicts the same bits."""
    for shape in _shapes(subject):
        model = Sequential([subject.make()]).initialize(concrete(shape), seed=5, dtype="float64")
        # no value is the first one, which a layer without values would draw again
        for vector in (model.structure.parameters, model.structure.states):
            np.add(vector, 0.1 * generator(83).random(vector.size), out=vector)
        x = LayerRig(subject.make(), shape, subject.case).inputs()
        wanted = _predicted(model, x)
        try:
            data = pickle.dumps(model)
        except Exception as error:
            if "<locals>" in type(model[0]).__qualname__:
                raise NotApplicable("the class is defined inside a function, so nobody can pickle it") from None
            raise Unmet(
                f"{type(error).__name__}: {error}",
                expected="a model that can be pickled",
                cause="build or a pass leaves something on self that cannot be pickled",
            ) from error
        for way, copied in (("pickled", pickle.loads(data)), ("copied, by copy(),", model.copy())):
            if not identical(_predicted(copied, x), wanted):
                raise Unmet(
                    f"{with_batch(shape)}: the {way} model predicts something else",
                    expected="the same bits: parameters, states and parts come along in pickle, deepcopy and copy()",
                    cause="__getstate__ or __setstate__ is written by hand, and loses values or parts; or a part is "
                    "made elsewhere: make parts in the constructor, and leave copying to layerkit",
                )


def _predicted(model: Sequential, x: Value) -> Value:
    if is_many(model.output_shape):
        raise NotApplicable("the layer has several outputs")
    return model.predict(x)


def _network(subject: Subject, shape: Shape) -> tuple[Sequential, Shape]:
    """The layer between two dense ones, as far as shapes and dtypes let it, and the shape of the network's input."""
    output = plan(subject.make(), shape).output_shape
    layers: list[Layer] = [subject.make()]
    if not is_many(shape) and shape and isinstance(shape[-1], int) and subject.case.inputs is None:
        # tanh reads its output again in its backward pass: nobody may have written to it by then
        layers.insert(0, Dense(shape[-1], activation=Tanh()))
        # narrow, so that a wide layer's network has hardly more parameters than the layer
        shape = (*shape[:-1], min(shape[-1], _WIDTH))
    if not is_many(output) and output and isinstance(output[-1], int):
        layers.append(Dense(2))
    return Sequential(layers), shape


def _shapes(subject: Subject) -> tuple[Shape, ...]:
    return tuple(as_shape(shape) for shape in subject.case.input_shapes or DEFAULT_SHAPES)


NETWORKS = suite(
    twice_in_one_network,
    inside_a_network,
    learns,
    state_saved_and_restored,
    built_model_pickled,
)
