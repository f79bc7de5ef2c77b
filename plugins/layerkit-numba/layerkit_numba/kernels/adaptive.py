"""The built-in optimizers whose steps follow the sizes of earlier gradients, but for Adam itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from layerkit_numba.compilation import compiled
from layerkit_numba.interface import Call, UpdateKernel, UpdatePart, kernel
from layerkit_numba.kernels.optimizers import adam_kernel, count_step, descend, in_pieces, momentum_step
from layerkit_numba.kernels.transforms import places_without
from layerkit_numba.mathematics import like, natural


@compiled
def shrink(parameters: Any, places: Any, rate: float, decay: float) -> None:
    """θ ← (1 − η λ) θ, of the parameters that decay."""
    for piece in range(places.shape[0]):
        for place in range(places[piece, 0], places[piece, 1]):
            parameters[place] *= like(1 - rate * decay, parameters[place])


@compiled
def normalize(gradient: Any, square: Any, move: Any, rho: float, epsilon: float, begin: int, end: int) -> None:
    """s ← ρ s + (1 − ρ) g², and g / (√s + ε)."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        square[place] = square[place] * like(rho, number) + number * number * like(1 - rho, number)
        move[place] = number / (np.sqrt(square[place]) + like(epsilon, number))


@compiled
def normalize_centred(
    gradient: Any, square: Any, mean: Any, move: Any, rho: float, epsilon: float, begin: int, end: int
) -> None:
    """The same, with √(s − m²), m the running mean."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        rest = like(1 - rho, number)
        square[place] = square[place] * like(rho, number) + number * number * rest
        mean[place] = mean[place] * like(rho, number) + number * rest
        variance = square[place] - mean[place] * mean[place]
        # rounding may lead below 0; false for NaN, which so stays NaN
        variance = like(0, number) if variance < like(0, number) else variance
        move[place] = number / (np.sqrt(variance) + like(epsilon, number))


@compiled
def adagrad_step(
    parameters: Any, gradient: Any, square: Any, rate: float, epsilon: float, begin: int, end: int
) -> None:
    """s ← s + g²; θ ← θ − η g / (√s + ε)."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        square[place] += number * number
        parameters[place] -= number / (np.sqrt(square[place]) + like(epsilon, number)) * like(rate, number)


@compiled
def adadelta_step(
    parameters: Any,
    gradient: Any,
    square: Any,
    moved: Any,
    rate: float,
    rho: float,
    epsilon: float,
    begin: int,
    end: int,
) -> None:
    """s ← ρ s + (1 − ρ) g²; Δ = g √(d + ε) / √(s + ε); d ← ρ d + (1 − ρ) Δ²; θ ← θ − η Δ."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        kept, rest, least = like(rho, number), like(1 - rho, number), like(epsilon, number)
        square[place] = square[place] * kept + number * number * rest
        move = np.sqrt((moved[place] + least) / (square[place] + least)) * number
        moved[place] = moved[place] * kept + move * move * rest
        parameters[place] -= move * like(rate, number)


@compiled
def lion_step(
    parameters: Any, gradient: Any, mean: Any, rate: float, beta1: float, beta2: float, begin: int, end: int
) -> None:
    """θ ← θ − η sign(β₁ m + (1 − β₁) g); m ← β₂ m + (1 − β₂) g."""
    for place in range(natural(begin), natural(end)):
        number = gradient[place]
        way = mean[place] * like(beta1, number) + number * like(1 - beta1, number)
        parameters[place] -= np.sign(way) * like(rate, number)
        mean[place] = mean[place] * like(beta2, number) + number * like(1 - beta2, number)


@compiled
def amsgrad_step(
    parameters: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    largest: Any,
    count: Any,
    ends: Any,
    rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    begin: int,
    end: int,
) -> None:
    """m and v become running means, u the largest v; θ ← θ − rate · m / (√u + ε), corrected as Adam's."""
    start = 0
    for last in range(count.size):
        root = math.sqrt(1 - beta2 ** count[last])
        moved = rate * root / (1 - beta1 ** count[last])
        for place in range(natural(max(start, begin)), natural(max(start, begin, min(ends[last], end)))):
            number = gradient[place]
            mean[place] = mean[place] * like(beta1, number) + number * like(1 - beta1, number)
            square[place] = square[place] * like(beta2, number) + number * number * like(1 - beta2, number)
            # false for NaN, which so stays NaN
            largest[place] = largest[place] if square[place] <= largest[place] else square[place]
            length = np.sqrt(largest[place]) + like(epsilon * root, number)
            parameters[place] -= mean[place] / length * like(moved, number)
        start = ends[last]


@compiled
def nadam_momentum(count: float, beta1: float, decay: float) -> float:
    """μₜ = β₁ (1 − ½ · 0.96^(t ψ))."""
    return beta1 * (1 - 0.5 * 0.96 ** (count * decay))


@compiled
def lose(count: Any, lost: Any, beta1: float, decay: float) -> None:
    """1 − Πₜ, Πₜ = μ₁ μ₂ … μₜ, of each slice."""
    for place in range(count.size):
        lost[place] = 1 - (1 - lost[place]) * nadam_momentum(count[place], beta1, decay)


@compiled
def nadam_step(
    parameters: Any,
    gradient: Any,
    mean: Any,
    square: Any,
    count: Any,
    lost: Any,
    ends: Any,
    rate: float,
    beta1: float,
    beta2: float,
    epsilon: float,
    decay: float,
    begin: int,
    end: int,
) -> None:
    """θ ← θ − η (μₜ₊₁ m / (1 − Πₜ₊₁) + (1 − μₜ) g / (1 − Πₜ)) / (√v̂ + ε)."""
    start = 0
    for last in range(count.size):
        now = nadam_momentum(count[last], beta1, decay)
        following = nadam_momentum(count[last] + 1, beta1, decay)
        after = 1 - (1 - lost[last]) * following
        root = math.sqrt(1 - beta2 ** count[last])
        by_mean, by_slope = rate * root * following / after, rate * root * (1 - now) / lost[last]
        for place in range(natural(max(start, begin)), natural(max(start, begin, min(ends[last], end)))):
            number = gradient[place]
            mean[place] = mean[place] * like(beta1, number) + number * like(1 - beta1, number)
            square[place] = square[place] * like(beta2, number) + number * number * like(1 - beta2, number)
            move = mean[place] * like(by_mean, number) + number * like(by_slope, number)
            parameters[place] -= move / (np.sqrt(square[place]) + like(epsilon * root, number))
        start = ends[last]


@kernel("layerkit.optimizers.adamw:AdamW")
def _adamw(part: UpdatePart) -> UpdateKernel:
    decay = Call(shrink, "parameters", "places", "rate", float(part.component.weight_decay))
    return adam_kernel(part, before=(decay,), places=places_without(part, part.component.except_tags))


@kernel("layerkit.optimizers.rms_prop:RMSProp")
def _rms_prop(part: UpdatePart) -> UpdateKernel:
    optimizer = part.component
    constants = float(optimizer.rho), float(optimizer.epsilon)
    states = ["square"] + ["mean"] * bool(optimizer.centered)
    function = normalize_centred if optimizer.centered else normalize
    calls = [in_pieces(function, "gradient", *states, "move", *constants)]
    if optimizer.momentum:
        states.append("velocity")
        calls.append(in_pieces(momentum_step, "parameters", "move", "velocity", "rate", float(optimizer.momentum)))
    else:
        calls.append(in_pieces(descend, "parameters", "move", "rate"))
    return UpdateKernel(update=tuple(calls), states=dict.fromkeys(states, 0.0), buffers=("move",))


@kernel("layerkit.optimizers.adagrad:Adagrad")
def _adagrad(part: UpdatePart) -> UpdateKernel:
    call = in_pieces(adagrad_step, "parameters", "gradient", "square", "rate", float(part.component.epsilon))
    return UpdateKernel(update=(call,), states={"square": 0.0})


@kernel("layerkit.optimizers.adadelta:Adadelta")
def _adadelta(part: UpdatePart) -> UpdateKernel:
    constants = float(part.component.rho), float(part.component.epsilon)
    call = in_pieces(adadelta_step, "parameters", "gradient", "square", "moved", "rate", *constants)
    return UpdateKernel(update=(call,), states={"square": 0.0, "moved": 0.0})


@kernel("layerkit.optimizers.lion:Lion")
def _lion(part: UpdatePart) -> UpdateKernel:
    constants = float(part.component.beta1), float(part.component.beta2)
    return UpdateKernel(
        update=(in_pieces(lion_step, "parameters", "gradient", "mean", "rate", *constants),), states={"mean": 0.0}
    )


@kernel("layerkit.optimizers.amsgrad:AMSGrad")
def _amsgrad(part: UpdatePart) -> UpdateKernel:
    optimizer = part.component
    constants = float(optimizer.beta1), float(optimizer.beta2), float(optimizer.epsilon)
    states = "mean", "square", "largest"
    return UpdateKernel(
        update=(
            Call(count_step, "count"),
            in_pieces(amsgrad_step, "parameters", "gradient", *states, "count", "ends", "rate", *constants),
        ),
        states=dict.fromkeys(states, 0.0),
        slice_numbers=("count",),
        arrays={"ends": part.ends},
    )


@kernel("layerkit.optimizers.nadam:Nadam")
def _nadam(part: UpdatePart) -> UpdateKernel:
    optimizer = part.component
    beta1, decay = float(optimizer.beta1), float(optimizer.momentum_decay)
    constants = beta1, float(optimizer.beta2), float(optimizer.epsilon), decay
    kept = "mean", "square", "count", "lost"
    return UpdateKernel(
        update=(
            Call(count_step, "count"),
            Call(lose, "count", "lost", beta1, decay),
            in_pieces(nadam_step, "parameters", "gradient", *kept, "ends", "rate", *constants),
        ),
        states={"mean": 0.0, "square": 0.0},
        slice_numbers=("count", "lost"),
        arrays={"ends": part.ends},
    )
