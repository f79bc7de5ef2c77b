"""What looks at a network say of why it does not learn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

from layerkit.diagnosis.look import LayerLook, Look
from layerkit.diagnosis.target_scale import FAR_AT_THE_END

_LEARNT = 0.9
"""Below this part of the cost of a constant prediction, a network has learnt something."""
_MOST, _OF_OUTPUTS = 0.95, 0.2
"""The part of a layer that is stuck where it stands in the way; of dead outputs, each is one that cannot be learnt."""
_VANISHED, _EXPLODED = 1e-4, 1e3
_FLAT = 0.01
_APART, _APART_OF_BASELINE = 2.0, 0.5


@final
@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that was seen: where, how much, what it means and what helps."""

    name: str
    layer: str
    figure: float
    message: str

    def record(self, epoch: int) -> dict[str, Any]:
        """Plain values, for reports; ``epoch`` is how many were done."""
        return {**asdict(self), "epoch": epoch}


def has_learnt(look: Look, first: Look) -> bool:
    """Whether the network has learnt more than one prediction for all."""
    return look.cost < _LEARNT * (first.cost if look.baseline is None else look.baseline)


def is_coming(looks: Sequence[Look]) -> bool:
    """Whether the cost still falls: it is lower than it ever was."""
    return looks[-1].cost < (1 - _FLAT) * min(look.cost for look in looks[:-1])


def strong(look: Look, first: Look) -> Iterator[Symptom]:
    """What by itself keeps a network that does not learn from ever learning, the cause before what follows from it."""
    yield from _stuck(look, first)
    still = _without_gradient(look)
    if still is not None:
        yield Symptom(
            "no-gradient",
            still.title,
            0.0,
            f"the gradient of {still.title} is 0 throughout, so it stays as it is: its backward pass, or that of a "
            "layer behind it, gives nothing back. Check layers of your own with layerkit.testing; for weights that "
            "begin at 0 take a random initializer, such as Glorot()",
        )


def weak(looks: Sequence[Look]) -> Iterator[Symptom]:
    """What keeps a network from learning once it has lasted for half of the training."""
    look = looks[-1]
    trained = [layer for layer in look.layers if layer.sensitivity is not None]
    if len(trained) > 1 and look.sensitivity > 0:
        smallest, largest = min(trained, key=_sensitivity), max(trained, key=_sensitivity)
        least, most = _sensitivity(smallest) / look.sensitivity, _sensitivity(largest) / look.sensitivity
        if 0 < least < _VANISHED:
            yield Symptom(
                "vanishing",
                smallest.title,
                least,
                f"the gradient vanishes on its way to {smallest.title}: it is {least:.1e} of that at the output. Take "
                "ReLU() or Tanh() for Sigmoid(), He() or Glorot() for first values, Residual or BatchNormalization "
                "between the layers, or fewer of them",
            )
        if most > _EXPLODED:
            yield Symptom(
                "exploding",
                largest.title,
                most,
                f"the gradient explodes on its way to {largest.title}: it is {most:,.3g} times that at the output. "
                "Take smaller first values (Glorot() or He()), or BatchNormalization between the layers",
            )
    first = next((layer for layer in look.layers if layer.alike), None)
    if look.alike:
        where = "the network" if first is None else first.title
        yield Symptom(
            "constant",
            where,
            look.cost,
            f"every example gets the same prediction, and from {where} on all outputs are alike (cost {look.cost:.4g})"
            ". Check that the features differ from row to row and are not tiny beside their mean, and that the first "
            "values are neither 0 nor very large",
        )
    # the first half of the looks may lie before a plateau is left
    costs = [past.cost for past in looks[(len(looks) - 1) // 2 :]]
    if len(costs) > 1 and max(costs) - min(costs) < _FLAT * abs(max(costs)):
        yield Symptom(
            "flat",
            "the network",
            look.cost,
            f"the cost stays at {look.cost:.4g}"
            + ("" if look.baseline is None else f" (one prediction for all would cost {look.baseline:.4g})")
            + ". Take a learning rate 10 or 100 times as high; if that does not help, check that the targets belong to "
            "their rows, and try a larger network",
        )


def far_targets(look: Look, mean: float, deviation: float, *, known: bool, cure: str) -> Iterator[Symptom]:
    """Targets of another size than a network's outputs usually have, while it is worse than one prediction for all; or
    of which it is ``known`` that the fit could not reach them."""
    size, baseline = max(abs(mean), deviation), look.baseline
    worse = baseline is not None and look.cost > baseline > 0
    if not 1 / FAR_AT_THE_END < size < FAR_AT_THE_END and (known or worse):
        beside = "" if baseline is None else f", and one prediction for all would cost {baseline:.4g}"
        yield Symptom(
            "target-scale",
            "the network",
            look.cost if not baseline else look.cost / baseline,
            f"the targets have a mean of {mean:,.4g} and a deviation of {deviation:,.4g}, far from the numbers of "
            f"about 1 that a network puts out at first, and it has not come to them (cost {look.cost:.4g}{beside}). "
            f"{cure}",
        )


def apart(look: Look, first: Look) -> Iterator[Symptom]:
    """Prediction that is far from training, because of what batch normalisation remembers."""
    reference = first.cost if look.baseline is None else look.baseline
    gap = look.inference_cost - look.cost
    mixing = [layer for layer in look.layers if layer.shift is not None]
    if mixing and not (look.inference_cost <= _APART * look.cost or gap <= _APART_OF_BASELINE * reference):
        worst = max(mixing, key=lambda layer: layer.shift or 0.0)
        yield Symptom(
            "batch-normalization",
            worst.title,
            min(look.inference_cost / max(look.cost, 1e-12), 1e300),
            f"prediction is far from training: the same rows cost {look.inference_cost:.4g} with the running mean and "
            f"variance of {worst.title}, and {look.cost:.4g} with the batch's own. Take larger batches, a smaller "
            "momentum (0.9), or more steps",
        )


def _stuck(look: Look, first: Look) -> Iterator[Symptom]:
    at_first = {layer.path: layer for layer in first.layers}
    for layer in look.layers:
        before = at_first.get(layer.path)
        if layer.saturated is not None and layer.saturated >= _MOST:
            from_the_start = before is not None and (before.saturated or 0) >= _MOST
            name = "saturated" if from_the_start else "high-rate"
            figure = layer.saturated
            cure = (
                "They were from the start: take smaller first values (Glorot() or He()), or features of about 1"
                if from_the_start
                else "They were not at the start, so the learning rate is too high: take a tenth of it, or less"
            )
            what = "outputs are saturated, where there is no slope to learn from"
        elif layer.dead is not None and layer.dead >= (_OF_OUTPUTS if layer.is_output else _MOST):
            name, figure = "dead", layer.dead
            what = "units give the same for every example, and have no gradient"
            cure = (
                "They were from the start: take He() as the initializer, biases of 0, and features of about 1"
                if before is not None and (before.dead or 0) >= layer.dead
                else "The learning rate was too high for them: take a tenth of it, or BatchNormalization in front"
            )
        else:
            continue
        yield Symptom(
            name, layer.title, figure, f"{figure:.0%} of {layer.title}'s {what}. {cure}".replace("%", " %", 1)
        )
        return
    reference = max(first.cost, look.baseline or 0.0)
    if look.cost > 2 * reference > 0:
        loudest = max((layer for layer in look.layers if layer.gradient is not None), key=_gradient, default=None)
        where = "the network" if loudest is None else loudest.title
        yield Symptom(
            "high-rate",
            where,
            look.cost / reference,
            f"the cost is {look.cost / reference:,.3g} times what it was at the start, and the gradient is largest in "
            f"{where}: the learning rate is too high. Take a tenth of it, or add ClipNorm",
        )


def _without_gradient(look: Look) -> LayerLook | None:
    if look.sensitivity == 0:
        return None
    return next((layer for layer in look.layers if layer.gradient == 0), None)


def _sensitivity(layer: LayerLook) -> float:
    return layer.sensitivity or 0.0


def _gradient(layer: LayerLook) -> float:
    return layer.gradient or 0.0
