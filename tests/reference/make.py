"""Makes the .npz files beside it: what PyTorch computes for the components that layerkit has too.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make.py``, with names of
files to make some of them alone. The test suite only reads the files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

FOLDER = Path(__file__).parent
SHAPES = {"2d": (7, 5), "3d": (3, 4, 5)}
Values = dict[str, Any]


def numbers(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.tensor(rng.normal(size=shape), dtype=torch.float32)


def differentiate(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, rng: np.random.Generator) -> Values:
    """x, y, an upstream gradient, and the gradient with respect to x."""
    x = x.clone().requires_grad_()
    y = run(x)
    grad = numbers(rng, *y.shape)
    y.backward(grad)
    return {"x": x, "y": y, "grad": grad, "input_gradient": x.grad}


def layers() -> Values:
    rng = np.random.default_rng(1)
    torch.manual_seed(0)
    found: Values = {}
    for name, shape in SHAPES.items():
        linear = nn.Linear(5, 3)
        values = differentiate(linear, numbers(rng, *shape), rng)
        assert linear.weight.grad is not None
        values |= {"weight": linear.weight.T, "bias": linear.bias}
        values |= {"weight_gradient": linear.weight.grad.T, "bias_gradient": linear.bias.grad}
        found |= {f"dense/{name}/{key}": value for key, value in values.items()}
        functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
        functions["softmax"] = lambda z: torch.softmax(z, dim=-1)
        for kind, function in functions.items():
            values = differentiate(function, 3 * numbers(rng, *shape), rng)
            found |= {f"{kind}/{name}/{key}": value for key, value in values.items()}
        torch.manual_seed(1)
        values = differentiate(lambda x: nn.functional.dropout(x, 0.3), numbers(rng, *shape), rng)
        found |= {f"dropout/{name}/{key}": value for key, value in values.items()}
        found |= {f"batch_normalization/{name}/{key}": value for key, value in normalize(shape, rng).items()}
    return found


def normalize(shape: tuple[int, ...], rng: np.random.Generator) -> Values:
    """Three training passes, and one at inference; layerkit's features are the last axis, PyTorch's the second."""
    layer = nn.BatchNorm1d(5, momentum=0.1, eps=1e-5)
    with torch.no_grad():
        layer.weight.copy_(1 + 0.5 * numbers(rng, 5))
        layer.bias.copy_(numbers(rng, 5))

    def run(x: torch.Tensor) -> torch.Tensor:
        return layer(x) if x.ndim == 2 else layer(x.transpose(1, 2)).transpose(1, 2)

    found: Values = {"scale": layer.weight, "shift": layer.bias}
    for step in (*range(3), "inference"):
        layer.train(step != "inference")
        layer.zero_grad()
        values = differentiate(run, 2 * numbers(rng, *shape) + 1, rng)
        values |= {"scale_gradient": layer.weight.grad, "shift_gradient": layer.bias.grad}
        values |= {"mean": layer.running_mean, "variance": layer.running_var}
        found |= {f"{step}/{key}": copied(value) for key, value in values.items()}
    return found


def costs() -> Values:
    rng = np.random.default_rng(2)
    found: Values = {}
    for name, shape in SHAPES.items():
        prediction, target = numbers(rng, *shape).requires_grad_(), numbers(rng, *shape)
        cost = 0.5 * nn.functional.mse_loss(prediction, target, reduction="none").flatten(1).sum(1)
        cost.sum().backward()
        values = {"prediction": prediction, "target": target, "cost": cost, "gradient": prediction.grad}
        found |= {f"quadratic/{name}/{key}": value for key, value in values.items()}

        logits = (4 * numbers(rng, *shape)).requires_grad_()
        labels = torch.tensor(rng.integers(0, shape[-1], shape[:-1]))
        cost = nn.functional.cross_entropy(logits.reshape(-1, shape[-1]), labels.reshape(-1), reduction="none")
        cost = cost.reshape(shape[0], -1).sum(1)
        cost.sum().backward()
        target = nn.functional.one_hot(labels, shape[-1])
        values = {"prediction": logits, "target": target, "cost": cost, "gradient": logits.grad}
        found |= {f"cross_entropy/{name}/{key}": value for key, value in values.items()}

    logits = (4 * numbers(rng, 7, 5)).requires_grad_()
    target = torch.softmax(numbers(rng, 7, 5), dim=-1)
    cost = nn.functional.cross_entropy(logits, target, reduction="none")
    cost.sum().backward()
    values = {"prediction": logits, "target": target, "cost": cost, "gradient": logits.grad}
    found |= {f"cross_entropy/soft/{key}": value for key, value in values.items()}
    return found


OPTIMIZERS: dict[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "gradient_descent": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam_other": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.7, 0.95), eps=1e-3),
    "adamw": lambda p: torch.optim.AdamW(
        [{"params": p[:1], "weight_decay": 0.2}, {"params": p[1:], "weight_decay": 0.0}], lr=0.05
    ),
    "clipped": lambda p: torch.optim.SGD(p, lr=0.1),
    "clipped_by_value": lambda p: torch.optim.SGD(p, lr=0.1),
    "l2": lambda p: torch.optim.SGD([{"params": p[:1], "weight_decay": 0.2}, {"params": p[1:]}], lr=0.1),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.8, eps=1e-4),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.9), amsgrad=True),
    "muon": lambda p: torch.optim.Muon(p[:1], lr=0.1, weight_decay=0.0, adjust_lr_fn="match_rms_adamw"),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.05),
    "rms_prop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9),
    "rms_prop_centered": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.8, eps=1e-3, momentum=0.7, centered=True),
}


def optimizers() -> Values:
    """A hundred updates of a matrix and a bias by given gradients; those after the seventh are large."""
    rng = np.random.default_rng(3)
    first = [numbers(rng, 4, 3), numbers(rng, 3)]
    gradients = [[numbers(rng, 4, 3), numbers(rng, 3)] for _ in range(100)]
    for small in gradients[:7]:
        for gradient in small:
            gradient.mul_(0.2)
    found: Values = {"weight": first[0], "bias": first[1]}
    found["weight_gradients"] = torch.stack([weight for weight, _ in gradients])
    found["bias_gradients"] = torch.stack([bias for _, bias in gradients])
    for name, make in OPTIMIZERS.items():
        parameters = [nn.Parameter(value.clone()) for value in first]
        optimizer = make(parameters)
        seen: list[list[torch.Tensor]] = [[], []]
        for step in gradients:
            for parameter, gradient in zip(parameters, step, strict=True):
                parameter.grad = gradient.clone()
            if name == "clipped":
                nn.utils.clip_grad_norm_(parameters, 1.5)
            if name == "clipped_by_value":
                nn.utils.clip_grad_value_(parameters, 0.3)
            optimizer.step()
            for place, parameter in enumerate(parameters):
                seen[place].append(parameter.detach().clone())
        found[f"{name}/weight"], found[f"{name}/bias"] = torch.stack(seen[0]), torch.stack(seen[1])
    return found | {"lbfgs": quasi_newton()}


def quasi_newton() -> torch.Tensor:
    """Sixteen steps of L-BFGS down ½ Σ cᵢ θᵢ², with c = 1, 10, 100, 1000, from (1, 1, 1, 1)."""
    curvature = torch.tensor([1.0, 10.0, 100.0, 1000.0], dtype=torch.float64)
    point = nn.Parameter(torch.ones(4, dtype=torch.float64))
    optimizer = torch.optim.LBFGS([point], max_iter=1, history_size=10, line_search_fn="strong_wolfe")
    seen = []

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        cost = 0.5 * (curvature * point * point).sum()
        cost.backward()
        return cost

    for _ in range(16):
        optimizer.step(closure)
        seen.append(point.detach().clone())
    return torch.stack(seen)


def schedules() -> Values:
    """The learning rates of twelve epochs."""
    makers: dict[str, Callable[[torch.optim.Optimizer], torch.optim.lr_scheduler.LRScheduler]] = {
        "step": lambda optimizer: torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5),
        "exponential": lambda optimizer: torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8),
        "polynomial": lambda optimizer: torch.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=9, power=2.0),
        "warm_up": lambda optimizer: torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.1, total_iters=5),
        "one_cycle": lambda optimizer: torch.optim.lr_scheduler.OneCycleLR(
            optimizer, max_lr=0.4, total_steps=12, pct_start=0.25, cycle_momentum=False
        ),
        "restarts": lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
            optimizer, T_0=2, T_mult=2, eta_min=0.01
        ),
        "piecewise": lambda optimizer: torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[3, 8], gamma=0.1),
        "cosine": lambda optimizer: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=11, eta_min=0.01),
    }
    found: Values = {}
    for name, make in makers.items():
        optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.4)
        schedule = make(optimizer)
        rates = []
        for _ in range(12):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if len(rates) < 12:
                schedule.step()
        found[name] = np.array(rates)
    return found


def network() -> Values:
    """Twenty steps of a network of many parts, in float64: the weights before and after, and each step's cost."""
    rng = np.random.default_rng(4)
    torch.manual_seed(4)
    model = nn.Sequential(
        nn.Linear(6, 8), nn.ReLU(), nn.BatchNorm1d(8), nn.Linear(8, 5), nn.Tanh(), nn.Linear(5, 4), nn.Sigmoid(),
        nn.Linear(4, 3),
    ).double()  # fmt: skip
    x = torch.tensor(rng.normal(size=(40, 6)))
    y = torch.tensor(rng.integers(0, 3, 40))
    found: Values = {"x": x, "y": y} | {f"before/{key}": copied(value) for key, value in weights(model).items()}
    decayed = [parameter for parameter in model.parameters() if parameter.ndim == 2 or parameter is model[2].weight]
    kept = [parameter for parameter in model.parameters() if all(parameter is not other for other in decayed)]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": kept, "weight_decay": 0.0}], lr=0.03, eps=1e-4
    )
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
    seen = []
    for _ in range(4):
        for start in range(0, 40, 8):
            optimizer.zero_grad()
            cost = nn.functional.cross_entropy(model(x[start : start + 8]), y[start : start + 8])
            cost.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.7)
            optimizer.step()
            seen.append(cost.item())
        schedule.step()
    found |= {f"after/{key}": value for key, value in weights(model).items()}
    model.eval()
    return found | {"costs": np.array(seen), "prediction": torch.softmax(model(x), dim=-1)}


def class_weights() -> Values:
    """One step of gradient descent by the mean cross-entropy in which classes have weights, in float64."""
    rng = np.random.default_rng(5)
    linear = nn.Linear(4, 3).double()
    x, y = torch.tensor(rng.normal(size=(12, 4))), torch.tensor(rng.integers(0, 3, 12))
    given = torch.tensor([0.5, 3.0, 1.25], dtype=torch.float64)
    found = {"x": x, "y": y, "weights": given, "before": copied(linear.weight.T), "bias_before": copied(linear.bias)}
    cost = nn.functional.cross_entropy(linear(x), y, weight=given)
    cost.backward()
    torch.optim.SGD(linear.parameters(), lr=0.5).step()
    return found | {"cost": cost, "after": linear.weight.T, "bias_after": linear.bias}


def weights(model: nn.Sequential) -> Values:
    """The values by layerkit's paths: activations are parts of their layer there."""
    found: Values = {}
    for path, place in {"0": 0, "2": 3, "3": 5, "4": 7}.items():
        found |= {f"{path}.weight": model[place].weight.T, f"{path}.bias": model[place].bias}
    norm = model[2]
    return found | {"1.scale": norm.weight, "1.shift": norm.bias, "1.mean": norm.running_mean,
                    "1.variance": norm.running_var}  # fmt: skip


def copied(value: torch.Tensor) -> torch.Tensor:
    return value.detach().clone()


def main() -> None:
    makers = {make.__name__: make for make in (layers, costs, optimizers, schedules, network, class_weights)}
    for make in [makers[name] for name in sys.argv[1:]] or makers.values():
        values = {
            name: value.detach().numpy() if isinstance(value, torch.Tensor) else value for name, value in make().items()
        }
        np.savez_compressed(FOLDER / f"{make.__name__}.npz", torch=np.array(torch.__version__), **values)


if __name__ == "__main__":
    main()
