"""A layer's passes: what they read, what they leave alone, and that they do not get in each other's way."""

from __future__ import annotations

from functools import partial

import numpy as np

from layerkit.shapes import with_batch
from layerkit.testing.closeness import difference, identical
from layerkit.testing.inputs import each, fortran, owned, parts, read_only, rows_of, strided
from layerkit.testing.rigs.layer_rig import ROWS, LayerRig, Tree, rigs
from layerkit.testing.rigs.lockstep import source_files, together
from layerkit.testing.subject import Subject
from layerkit.testing.suite import foundation, suite, told_by
from layerkit.testing.suites.layer_read_anew import changed
from layerkit.testing.verdicts import NotApplicable, Unmet
from layerkit.types import Value

_THREADS = 8
_SEEDS = 20
_PASSES = 200
_DRAWN_ROWS = 64
_DEVIATIONS = 6.0
_LARGE = 3000.0
_ORDERS = 4


@told_by("used-before-build")
def parameters_untouched(subject: Subject) -> None:
    """No pass changes parameters or state; a training pass proposes new states."""
    for rig in rigs(subject):
        vectors = (rig.structure.parameters, rig.structure.states)
        before = tuple(vector.copy() for vector in vectors)
        for training in (True, False):
            # these may be written to: what writes into them is another check's business
            x = owned(rig.inputs())
            tree = rig.tree(training=training)
            try:
                tree.forward(x)
                proposed = tree.proposals()
                tree.backward(owned(rig.upstream(x, training=training)))
            except ValueError as error:
                if "read-only" not in str(error):
                    raise
                raise Unmet(
                    f"{_told(rig)}: {type(error).__name__}: {error}",
                    expected="parameters and states are read-only in a pass",
                    cause="forward or backward writes into self.<parameter> or self.<state>: write the gradient into "
                    "ctx.gradient(name), and propose a state with ctx.update_state(name, value)",
                ) from error
            if not identical(vectors, before):
                raise Unmet(
                    f"{_told(rig)}: the model's vectors differ after a pass",
                    expected="the same bits",
                    cause="a pass writes through another view of the parameters, such as .base or reshape",
                )
            if proposed and not training:
                raise Unmet(
                    f"{_told(rig)}: an inference pass proposes a state",
                    expected="proposals from training passes only",
                    cause="forward does not look at ctx.training",
                )


def memory_layouts(subject: Subject) -> None:
    """Strided and column-major inputs and gradients give what contiguous ones give."""
    for rig in rigs(subject):
        for training in (True, False):
            x = rig.inputs()
            grad = rig.upstream(x, training=training)
            wanted = rig.tree(training=training).step(x, grad).everything
            for way, layout in (("strided", strided), ("column-major", fortran)):
                try:
                    found = rig.tree(training=training).step(layout(x), layout(grad)).everything
                except Exception as error:
                    raise Unmet(
                        f"{_told(rig)}: {way} arrays: {type(error).__name__}: {error}",
                        expected="what contiguous arrays give",
                        cause="a view or a change of .shape that only a contiguous array allows; use reshape",
                    ) from error
                told = difference(found, wanted)
                if told is not None:
                    raise Unmet(
                        f"{_told(rig)}: {way} arrays give {told}",
                        expected="what contiguous arrays give",
                        cause="the memory is read in its own order (order='K' or 'A', ravel(order=…), .data, .T of a "
                        "reshaped array)",
                    )


@told_by("batch-sizes", "inference-deterministic", "stochastic-training", "full-precision")
def rows_independent(subject: Subject) -> None:
    """A row's output depends on that row alone, and permuting rows permutes outputs, unless coupled_rows says so."""
    for rig in rigs(subject):
        for training in _independent_modes(rig):
            x = rig.inputs()
            together = rig.forward(x, training=training)
            told = difference(rig.forward(rows_of(x, _ORDER), training=training), rows_of(together, _ORDER))
            single = [slice(row, row + 1) for row in range(ROWS)]
            alone = tuple(rig.forward(rows_of(x, row), training=training) for row in single)
            told = told or difference(alone, tuple(rows_of(together, row) for row in single))
            if told is not None:
                raise Unmet(
                    f"{_told(rig)}: a row alone, or in another place, gives {told}",
                    expected="the same output, but for rounding",
                    cause="an operation goes along the batch axis (a mean, a softmax or a sort over axis 0, or "
                    "over all axes), or a shape broadcasts; a layer that mixes rows on purpose declares "
                    "coupled_rows = True",
                )
        for training in (False, True) if not rig.coupled else (False,):
            _require_untouched_by_a_large_row(rig, training)


def _require_untouched_by_a_large_row(rig: LayerRig, training: bool) -> None:
    """Where one row is another, and large, the others give what they gave, also where ctx.rng is drawn from."""
    x, other = (rig.inputs(seed=seed) for seed in (2, 36))
    scale = _LARGE if rig.case.inputs is None else 1.0
    pairs = zip(parts(x), parts(other), strict=True)
    changed = [np.concatenate([own[:-1], (scale * new[-1:]).astype(own.dtype)]) for own, new in pairs]
    moved = read_only(tuple(changed) if isinstance(x, tuple) else changed[0])
    for seed in range(_ORDERS if training and rig.stochastic else 1):
        one, two = (rig.tree(training=training) for _ in range(2))
        before, after = one.forward(x, seed=seed), two.forward(moved, seed=seed)
        if one.drawn() != two.drawn():
            return  # how much is drawn depends on the numbers
        told = difference(rows_of(after, slice(0, -1)), rows_of(before, slice(0, -1)))
        if told is None:
            continue
        raise Unmet(
            f"{_told(rig)}, {'training' if training else 'inference'}: the last row is another, and large, and an "
            f"output of the rows before it is {told}",
            expected="the same output, but for rounding",
            cause="a maximum, a minimum, a mean or a spread is taken over the whole batch, or rows are mixed; a layer "
            "that mixes rows in training on purpose declares coupled_rows = True",
        )


def inference_deterministic(subject: Subject) -> None:
    """Two inference passes over the same input give the same bits, whatever the seed."""
    for rig in rigs(subject):
        x = rig.inputs()
        first = rig.forward(x, training=False, seed=0)
        if not identical(first, rig.forward(x, training=False, seed=1)):
            raise Unmet(
                f"{_told(rig)}: the second pass gives another output",
                expected="the same bits",
                cause="random numbers are drawn although ctx.training is false, or a state moves at inference",
            )


_ORDER = np.array([3, 0, 4, 1, 2])


def threads(subject: Subject) -> None:
    """Eight threads that run inference at once get what one alone gets."""
    for rig in rigs(subject):
        inputs = [rig.inputs(seed=20 + thread) for thread in range(_THREADS)]
        alone = [rig.forward(x, training=False) for x in inputs]
        works = [partial(rig.tree(training=False).forward, x) for x in inputs]
        found = together(works, source_files(inner.layer for inner in rig.node.walk()))
        if not identical(tuple(found), tuple(alone)):
            raise Unmet(
                f"{_told(rig)}: a thread got another output than the same pass alone",
                expected="the same bits",
                cause="a pass keeps something on self or in the module, where another thread finds it; use ctx.saved",
            )


@told_by("batch-sizes", "batch-gradient-is-sum", "parameter-gradients")
def interleaved_passes(subject: Subject) -> None:
    """Two passes that are under way at once do not disturb each other."""
    for rig in rigs(subject):
        for training in (True, False):
            first, second = rig.inputs(seed=30), rig.inputs(rows=3, seed=31)
            grads = [rig.upstream(x, training=training) for x in (first, second)]
            wanted = [
                rig.tree(training=training).step(x, grad).everything[:3]
                for x, grad in zip((first, second), grads, strict=True)
            ]
            one, other = rig.tree(training=training), rig.tree(training=training)
            try:
                outputs = [one.forward(first), other.forward(second)]
                found = [
                    (output, back[0], tuple(back[1].values()))
                    for output, back in zip(outputs, (one.backward(grads[0]), other.backward(grads[1])), strict=True)
                ]
                told = difference(tuple(found), tuple(wanted))
            except Exception as error:
                told = f"{type(error).__name__}: {error}"
            if told is not None:
                raise Unmet(
                    f"{_told(rig)}: with another pass in between, {told}",
                    expected="what each pass gives on its own",
                    cause="forward keeps something on self (or in the module) for backward; use ctx.saved",
                )


@foundation
@told_by("keeps-nothing-on-itself", "batch-sizes")
def scratch_reused(subject: Subject) -> None:
    """A step in memory that was used before gives what a step in fresh memory gives."""
    for rig in rigs(subject):
        for training in (True, False):
            used = rig.tree(training=training)
            for rows, seed in ((ROWS, 40), (ROWS, 41), (3, 42), (ROWS, 43)):
                x = rig.inputs(rows, seed=seed)
                grad = rig.upstream(x, training=training)
                used.poison(np.nan)
                found = used.step(x, grad, seed=seed)
                # fresh memory may hold anything, by chance what is right; so it is also tried full of zeros
                fresh = rig.tree(training=training)
                first = fresh.step(x, grad, seed=seed)
                fresh.poison(0.0)
                what, told = changed(found, fresh.step(x, grad, seed=seed))
                if told is None:
                    what, told = changed(found, first)
                if told is not None:
                    _require_nothing_kept(rig, used, x, grad, training)
                    _require_repeatable(used, x, grad)
                    raise Unmet(
                        f"{_told(rig)}: in used memory, the {what} is {told}",
                        expected="what fresh memory gives; the kit fills used scratch with NaN between steps",
                        cause="ctx.scratch, or what np.empty or np.empty_like gives, is read or added to before it is "
                        "written, or not written everywhere (what is left over of a length); or something on ctx.saved "
                        "outlives its pass",
                    )


@told_by("batch-sizes", "inference-deterministic")
def stochastic_training(subject: Subject) -> None:
    """A layer that declares stochastic draws anew in training and keeps the mean; any other does not draw at all."""
    for rig in rigs(subject):
        # many rows and seeds: two draws of a few values, most of them kept, are the same too often
        x = rig.inputs(_DRAWN_ROWS)
        tree = rig.tree(training=True)
        drawn = [tree.forward(x, seed=seed) for seed in range(_SEEDS)]
        anew = any(not identical(drawn[0], other) for other in drawn[1:])
        if not rig.stochastic:
            if anew:
                raise Unmet(
                    f"{_told(rig)}: training with another seed gives another output",
                    expected="no random numbers, or the declaration stochastic = True",
                    cause="the layer draws from ctx.rng and does not declare it, so its gradients cannot be checked",
                )
            continue
        inference = rig.forward(x, training=False)
        if not anew or all(identical(output, inference) for output in drawn):
            raise Unmet(
                f"{_told(rig)}: training gives the same output for {_SEEDS} seeds, or always the inference output",
                expected="another output for another seed, in training only",
                cause="ctx.training is read the wrong way round, or the generator is made anew instead of ctx.rng",
            )
        if subject.case.keeps_mean and not rig.coupled:
            _require_mean(rig)
    if not any(rig.stochastic for rig in rigs(subject)):
        raise NotApplicable("the layer does not declare stochastic, and draws nothing")


def _require_mean(rig: LayerRig) -> None:
    x = each(lambda array: np.abs(array) + 1, rig.inputs(_DRAWN_ROWS))
    wanted = np.concatenate([array.ravel() for array in parts(rig.forward(x, training=False))])
    tree = rig.tree(training=True)
    # one number a pass, taken over all places, so that a rare large value is seen often enough to be reckoned with
    size = np.abs(wanted).sum() or 1.0
    ratios = np.array(
        [
            np.sign(wanted) @ np.concatenate([array.ravel() for array in parts(tree.forward(x, seed=seed))]) / size
            for seed in range(_PASSES)
        ]
    )
    error = ratios.std() / np.sqrt(_PASSES)
    if not abs(ratios.mean() - 1) <= _DEVIATIONS * error + 1e-9:
        raise Unmet(
            f"{_told(rig)}: the mean of {_PASSES} training outputs is {ratios.mean():.4g} ± {error:.2g} times the "
            "inference output",
            expected=f"1, within {_DEVIATIONS:g} standard errors",
            cause="what is dropped is not made up for (divide by the probability of being kept); or declare that the "
            "mean is not kept, with the option keeps_mean=False",
        )


def _require_nothing_kept(rig: LayerRig, used: Tree, x: Value, grad: Value, training: bool) -> None:
    """Tell what goes on from pass to pass from what is read from memory."""
    fresh = []
    for _ in range(2):
        tree = rig.tree(training=training)
        tree.forward(x)
        tree.poison(np.nan)
        fresh.append(tree.step(x, grad).everything)
    again = []
    for _ in range(2):
        used.poison(np.nan)
        again.append(used.step(x, grad).everything)
    if difference(*fresh) is None and difference(*again) is not None:
        raise Unmet(
            f"{_told(rig)}: of two equal passes in one context, {'training' if training else 'inference'}, the second "
            f"gives {difference(again[1], again[0])}",
            expected="the same, whatever passes there were before",
            cause="something on ctx.saved, a count or a running value, goes on from pass to pass: it is neither saved "
            "nor resumed; what is to be remembered is a state, declared by self.state(…) in build and proposed by "
            "ctx.update_state(name, value)",
        )


def _require_repeatable(tree: Tree, x: Value, grad: Value) -> None:
    """Tell what is read from memory from what differs each time anyway."""
    steps = []
    for _ in range(2):
        tree.poison(np.nan)
        steps.append(tree.step(x, grad).everything)
    if difference(*steps) is not None:
        raise NotApplicable("two equal steps in equal memory differ, so it is not the memory")


def _independent_modes(rig: LayerRig) -> tuple[bool, ...]:
    return (False,) if rig.coupled or rig.stochastic else (False, True)


def _told(rig: LayerRig) -> str:
    return f"inputs of {with_batch(rig.shape)}"


FIRST = suite(parameters_untouched, scratch_reused)
PASSES = suite(
    memory_layouts,
    rows_independent,
    inference_deterministic,
    threads,
    interleaved_passes,
    stochastic_training,
)
