"""The built-in transforms of gradients and parameters."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

from layerkit.types import Array
from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.mathematics import like

_LANES = 16


@compiled
def clip(gradient: Any, limit: float) -> None:
    """Shorten the gradient where it is longer than the limit."""
    norm = math.sqrt(sum_of_squares(gradient))
    if norm > limit:
        factor = like(limit / norm, gradient[0])
        for place in range(gradient.size):
            gradient[place] *= factor


@compiled
def sum_of_squares(vector: Any) -> Any:
    """Added up in several sums side by side, which become one vector of the processor."""
    sums = np.zeros(_LANES, vector.dtype)
    whole = vector.size // _LANES * _LANES
    for start in range(0, whole, _LANES):
        for lane in range(_LANES):
            sums[lane] += vector[start + lane] * vector[start + lane]
    for place in range(whole, vector.size):
        sums[0] += vector[place] * vector[place]
    total = sums[0]
    for lane in range(1, _LANES):
        total += sums[lane]
    return total


@compiled
def plan_decay(parameters: Any, decay: Any, places: Any, rate: float, strength: float) -> None:
    """rate · strength · θ for the parameters that decay, before the update changes them."""
    for piece in range(places.shape[0]):
        for place in range(places[piece, 0], places[piece, 1]):
            decay[place] = parameters[place] * like(rate * strength, parameters[place])


@compiled
def take_off(parameters: Any, decay: Any, places: Any) -> None:
    """Subtract what was planned."""
    for piece in range(places.shape[0]):
        for place in range(places[piece, 0], places[piece, 1]):
            parameters[place] -= decay[place]


@compiled
def add_weights(parameters: Any, gradient: Any, places: Any, strength: float) -> None:
    """Add strength · θ to the gradients of the parameters that are penalised."""
    for piece in range(places.shape[0]):
        for place in range(places[piece, 0], places[piece, 1]):
            gradient[place] += parameters[place] * like(strength, parameters[place])


@compiled
def add_signs(parameters: Any, gradient: Any, places: Any, strength: float) -> None:
    """Add strength · sign(θ) to the gradients of the parameters that are penalised."""
    for piece in range(places.shape[0]):
        for place in range(places[piece, 0], places[piece, 1]):
            gradient[place] += np.sign(parameters[place]) * like(strength, parameters[place])


@compiled
def bound(gradient: Any, limit: float) -> None:
    """Bring each place to between −limit and limit."""
    for place in range(gradient.size):
        gradient[place] = min(max(gradient[place], like(-limit, gradient[place])), like(limit, gradient[place]))


@compiled
def add_noise(gradient: Any, rng: Any, step: int, deviation: float, half_decay: float) -> None:
    """Add float64 numbers of a deviation that falls as steps go on."""
    fall = (1.0 + step) ** half_decay
    if not np.isfinite(fall):
        # so small that no number holds it: then none are drawn
        return
    drawn = rng.standard_normal(gradient.size, np.float64)
    for place in range(gradient.size):
        gradient[place] += like(deviation / fall * drawn[place], gradient[place])


@kernel("layerkit.transforms.clip_norm:ClipNorm")
def _clip_norm(part: UpdatePart) -> UpdateKernel:
    return UpdateKernel(before=(Call(clip, "gradient", float(part.component.limit)),))


@kernel("layerkit.transforms.weight_decay:WeightDecay")
def _weight_decay(part: UpdatePart) -> UpdateKernel:
    transform = part.component
    return UpdateKernel(
        before=(Call(plan_decay, "parameters", "decay", "places", "rate", float(transform.rate)),),
        after=(Call(take_off, "parameters", "decay", "places"),),
        buffers=("decay",),
        arrays={"places": places_without(part, part.component.except_tags)},
    )


@kernel("layerkit.transforms.l1_penalty:L1Penalty")
def _l1_penalty(part: UpdatePart) -> UpdateKernel:
    return _penalty(part, add_signs)


@kernel("layerkit.transforms.l2_penalty:L2Penalty")
def _l2_penalty(part: UpdatePart) -> UpdateKernel:
    return _penalty(part, add_weights)


@kernel("layerkit.transforms.clip_value:ClipValue")
def _clip_value(part: UpdatePart) -> UpdateKernel:
    return UpdateKernel(before=(Call(bound, "gradient", float(part.component.limit)),))


@kernel("layerkit.transforms.gradient_noise:GradientNoise")
def _gradient_noise(part: UpdatePart) -> UpdateKernel:
    numbers = float(part.component.deviation), float(part.component.decay) / 2
    return UpdateKernel(before=(Call(add_noise, "gradient", "rng", "step", *numbers),))


def _penalty(part: UpdatePart, function: Any) -> UpdateKernel:
    call = Call(function, "parameters", "gradient", "places", float(part.component.rate))
    return UpdateKernel(before=(call,), arrays={"places": places_without(part, part.component.except_tags)})


def places_without(part: UpdatePart, tags: Collection[str]) -> Array:
    """Where the parameters begin and end that have none of these tags, ``(pieces, 2)``."""
    spared = set(tags)
    places = [(place.start, place.stop) for place in part.slices if not spared & set(place.tags)]
    return np.array(places, np.int64).reshape(-1, 2)
