"""A layer's gradients, against central differences and against what must hold of any gradient."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference
from layerkit.testing.differences import Mismatch, compare
from layerkit.testing.inputs import each, parts, read_only, rows_of
from layerkit.testing.rigs.layer_rig import ROWS, LayerRig, rigs, told_pass
from layerkit.testing.rigs.products import size_of_products, sum_of_products, views
from layerkit.testing.rigs.reasons import run_again, why_none
from layerkit.testing.subject import Subject, generator
from layerkit.testing.suite import suite, told_by
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Array, Value

_FACTORS = (2.0**14, 2.0**-20)
_SEEDS = 8
_SEEDS_OF_ONE = 24
"""For single rows, of which one in a few is left out as a whole."""
_SMALL = 1e-3
"""Of a derivative, how much may be off by what nobody would call a wrong formula."""
_ON_THE_WAY = ", or in what it and the parameters' gradients are worked out from"
_UNSOUND = ("full-precision", "parameters-read-anew", "inputs-read-anew", "parts-left-alone")
"""Where one of these fails, it is the forward pass that is stale or rounded, and no formula that is wrong."""


@told_by(
    *_UNSOUND,
    "derivative-matches",
    "backward-matches-derivative",
    "elementwise",
    "declared-output-shape",
    "batch-sizes",
    "floating-warnings",
    "gradient-linear",
    "rows-independent",
)
def input_gradient(subject: Subject) -> None:
    """The input gradient agrees with central differences, in training and in inference mode."""
    checked = False
    for rig in rigs(subject):
        for training in rig.modes():
            x = rig.inputs()
            if not any(array.dtype.kind == "f" for array in parts(x)):
                continue
            checked = True
            grad = rig.upstream(x, training=training)
            step = rig.tree(training=training).step(x, grad)
            # the point is moved in place, so these copies stay writable; the layer gets read-only views of them
            points = [np.array(array) for array in parts(x)]
            value = sum_of_products(rig, partial(views, points, x), grad, training)
            found = step.input_gradient if isinstance(x, tuple) else (step.input_gradient,)
            for place, (point, gradient) in enumerate(zip(points, found, strict=True)):
                if point.dtype.kind != "f":
                    continue
                if gradient is None:
                    raise Unmet(
                        f"{told_pass(rig, training)}: no gradient for input {place}",
                        expected="a gradient for each floating input",
                        cause=why_none(rig, training=training)
                        or "backward returns None, or None in the place of a floating input",
                    )
                told = compare(value, point, gradient, generator(50), size=size_of_products(step.output, grad))
                if told is not None:
                    which = f"the gradient of input {place} of {len(points)} is " if len(points) > 1 else ""
                    raise Unmet(
                        f"{told_pass(rig, training)}: {which}{told}{_hint(gradient, told)}",
                        expected="the derivative of Σ grad · output with respect to x",
                        cause=run_again(rig, training=training) or _cause(rig, told) + _mode_hint(training),
                    )
    if not checked:
        raise NotApplicable("the inputs are integers, which have no gradient")


@told_by(
    *_UNSOUND,
    "input-gradient",
    "gradient-overwritten",
    "declared-output-shape",
    "batch-sizes",
    "floating-warnings",
    "gradient-linear",
    "batch-gradient-is-sum",
    "rows-independent",
)
def parameter_gradients(subject: Subject) -> None:
    """Every parameter's gradient agrees with central differences, in training and in inference mode."""
    for rig in _rigs_with_parameters(subject):
        for training in rig.modes():
            x = rig.inputs()
            grad = rig.upstream(x, training=training)
            step = rig.tree(training=training).step(x, grad)
            value = sum_of_products(rig, partial(_same, x), grad, training)
            for entry in rig.structure.entries:
                point = entry.view(rig.structure.parameters)
                gradient = step.gradients[entry.path]
                if np.isnan(gradient).all() and gradient.size:
                    raise Unmet(
                        f"{told_pass(rig, training)}: backward does not write the gradient of {entry.path!r}",
                        expected=f"ctx.gradient({entry.declaration.name!r})[...] = the gradient, summed over the batch",
                        cause="backward forgets the parameter, or binds a new array to the name instead of "
                        "writing into the buffer ([...] is missing)",
                    )
                told = compare(value, point, gradient, generator(51), size=size_of_products(step.output, grad))
                if told is not None:
                    raise Unmet(
                        f"{told_pass(rig, training)}: the gradient of {entry.path!r} is {told}{_hint(gradient, told)}",
                        expected="the derivative of Σ grad · output with respect to the parameter",
                        cause="a wrong sign, a forgotten factor, a transposed product, or rows that are averaged "
                        "instead of summed" + _mode_hint(training),
                    )


def gradient_overwritten(subject: Subject) -> None:
    """Backward overwrites the gradient buffers, whatever they hold."""
    for rig in _rigs_with_parameters(subject):
        tree = rig.tree(training=True)
        # what is drawn may decide which way a pass takes: of a single row, all may be dropped
        for rows, seeds in ((ROWS, _SEEDS), (1, _SEEDS_OF_ONE)) if rig.stochastic else ((ROWS, 1),):
            x = rig.inputs(rows)
            grad = rig.upstream(x, training=True)
            for seed in range(seeds):
                # the buffers hold NaN before: what is added to stays NaN
                for path, gradient in tree.step(x, grad, seed=seed).gradients.items():
                    if np.isnan(gradient).any():
                        drawn = f", for some of what ctx.rng draws (seed {seed}, {rows} rows)" if seed else ""
                        raise _unwritten(f"{told_pass(rig, True)}: the gradient of {path!r} holds NaN", drawn)


def _unwritten(told: str, drawn: str) -> Unmet:
    return Unmet(
        f"{told}, which its buffer held before{drawn}",
        expected="every place of ctx.gradient(name) is overwritten",
        cause="backward forgets the parameter, or binds a new array to the name instead of writing into the buffer "
        "([...] is missing); it adds to the buffer (+=), though the host adds up what belongs together; it writes only "
        "a part of it; or it does not run the backward pass of a part, where nothing is kept of a batch, say",
    )


def input_gradient_not_wanted(subject: Subject) -> None:
    """Where the input gradient is not wanted, the parameters' gradients are the same."""
    for rig in _rigs_with_parameters(subject):
        x = rig.inputs()
        grad = rig.upstream(x, training=True)
        wanted = rig.tree(training=True).step(x, grad).gradients
        found = rig.tree(training=True, needs_input_gradient=False).step(x, grad).gradients
        told = difference(tuple(found.values()), tuple(wanted.values()))
        if told is not None:
            raise Unmet(
                f"{told_pass(rig, True)}: with ctx.needs_input_gradient false, a parameter's gradient is {told}",
                expected="the same gradients",
                cause="backward returns before it has written all parameters' gradients",
            )


@told_by("gradient-overwritten", "backward-repeatable")
def gradient_linear(subject: Subject) -> None:
    """Gradients are linear in the upstream gradient, however large or small, and zero where it is zero."""
    for rig in rigs(subject):
        for training in (True, False):
            x = rig.inputs()
            tree = rig.tree(training=training)
            one, other = (rig.upstream(x, training=training, seed=seed) for seed in (60, 61))
            tree.forward(x)
            first, second = _gradients(tree.backward(one)), _gradients(tree.backward(other))
            both = _gradients(tree.backward(_combined(one, other)))
            zero = _gradients(tree.backward(read_only(each(np.zeros_like, one))))
            told = difference(both, tuple(2 * a - 3 * b for a, b in zip(first, second, strict=True)))
            for factor in _FACTORS if told is None else ():
                scaled = _gradients(tree.backward(read_only(each(partial(np.multiply, factor), one))))
                apart = difference(tuple(array / factor for array in scaled), first)
                if apart is not None:
                    raise Unmet(
                        f"{told_pass(rig, training)}: for {factor:.3g} times a gradient, divided by it again: {apart}",
                        expected="backward(c a) = c backward(a), however large or small c",
                        cause="backward clips large gradients, takes small ones for 0, or uses grad twice",
                    )
            nothing = difference(zero, tuple(np.zeros_like(array) for array in zero))
            if told is not None or nothing is not None:
                raise Unmet(
                    f"{told_pass(rig, training)}: "
                    + (f"for twice one gradient less three times another: {told}" if told else f"for zeros: {nothing}"),
                    expected="backward(2a − 3b) = 2 backward(a) − 3 backward(b), and zeros for zeros",
                    cause="backward uses grad twice, adds something that does not depend on it, clips it, or rounds: "
                    "where numbers differ in the eighth place, something on the way is float32",
                )


@told_by("gradient-overwritten", "rows-independent", "gradient-linear", "batch-sizes")
def batch_gradient_is_sum(subject: Subject) -> None:
    """The parameters' gradients of a batch are the sums of those of its rows, unless coupled_rows is declared."""
    for rig in _rigs_with_parameters(subject):
        training = not (rig.coupled or rig.stochastic)
        x = rig.inputs()
        grad = rig.upstream(x, training=training)
        together = rig.tree(training=training).step(x, grad)
        tree = rig.tree(training=training)
        rows = [tree.step(rows_of(x, slice(row, row + 1)), rows_of(grad, slice(row, row + 1))) for row in range(ROWS)]
        for path, gradient in together.gradients.items():
            told = difference(gradient, np.sum([row.gradients[path] for row in rows], axis=0))
            if told is not None:
                raise Unmet(
                    f"inputs of {with_batch(rig.shape)}: the batch's gradient of {path!r} is {told}, the sum over its "
                    "rows",
                    expected="the sum of the rows' gradients",
                    cause="a mean over the batch in the place of the sum (the host divides), the gradient of one row "
                    "only, a sum over another axis, or the sum over the batch is missing",
                )


def backward_repeatable(subject: Subject) -> None:
    """A second backward pass after the same forward pass gives the same gradients."""
    for rig in rigs(subject):
        for training in (True, False):
            x = rig.inputs()
            grad = rig.upstream(x, training=training)
            tree = rig.tree(training=training)
            tree.forward(x)
            drawn = tree.drawn()
            first, second = _gradients(tree.backward(grad)), _gradients(tree.backward(grad))
            told = difference(second, first)
            if told is not None:
                raise Unmet(
                    f"{told_pass(rig, training)}: the second time, {told}",
                    expected="the same gradients",
                    cause="backward draws from ctx.rng, which gives other numbers than forward had: keep what forward "
                    "drew on ctx.saved"
                    if tree.drawn() != drawn
                    else "backward changes or uses up what forward saved: it works in place on ctx.saved, or pops from "
                    "it",
                )


def _same(x: Value) -> Value:
    return x


def _gradients(found: tuple[Value, dict[str, Array]]) -> tuple[Array, ...]:
    return (*parts(found[0]), *found[1].values())


def _combined(one: Value, other: Value) -> Value:
    if isinstance(one, tuple):
        return tuple(_combined(a, b) for a, b in zip(one, other, strict=True))
    return read_only(2 * one - 3 * other)


def _hint(gradient: Array, told: Mismatch) -> str:
    if gradient.size == 0 or not np.isfinite(told.found) or told.wanted == 0:
        return ""
    ratio = told.found / told.wanted
    if abs(ratio + 1) < 1e-6:
        return " (the sign is wrong)"
    nearest = round(ratio) if abs(ratio) > 1 else 1 / round(1 / ratio) if abs(ratio) > 1e-3 else 0
    if nearest and abs(nearest) not in (0, 1) and abs(ratio / nearest - 1) < 1e-6:
        return f" (there, {ratio:.6g} times what it should be)"
    return ""


def _cause(rig: LayerRig, told: Mismatch) -> str:
    """What the size of the disagreement says of its cause."""
    if np.isfinite(told.found) and abs(told.found - told.wanted) < _SMALL * abs(told.wanted):
        return (
            "a small term is left out, such as an ε that forward has under a root, or in a denominator; or something "
            "on the way is float32"
        )
    if told.wanted == 0 and np.isfinite(told.found):
        return "forward does not depend on x there (a clamp, a maximum, a rounding), and backward does not follow it"
    return "a wrong sign, a forgotten factor, a transposed matrix or a wrong axis in the returned gradient" + (
        _ON_THE_WAY if rig.structure.entries else ""
    )


def _mode_hint(training: bool) -> str:
    return "" if training else "; backward must follow the mode of its forward pass, here inference"


def _rigs_with_parameters(subject: Subject) -> list[LayerRig]:
    found = [rig for rig in rigs(subject) if rig.structure.entries]
    if not found:
        raise NotApplicable("the layer has no parameters")
    return found


GRADIENTS = suite(
    gradient_overwritten,
    input_gradient,
    parameter_gradients,
    input_gradient_not_wanted,
    gradient_linear,
    batch_gradient_is_sum,
    backward_repeatable,
)
