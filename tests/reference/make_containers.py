"""Makes containers.npz: what PyTorch computes for networks of several inputs, joins, and shared weights, in float64.

Run it like ``make.py``, in an environment of its own that has torch and NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

Values = dict[str, Any]


def numbers(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.tensor(rng.normal(size=shape), dtype=torch.float64)


def differentiated(run: Callable[..., torch.Tensor], x: Sequence[torch.Tensor], rng: np.random.Generator) -> Values:
    """The inputs, y, an upstream gradient, and the gradient with respect to each input."""
    inputs = [each.clone().requires_grad_() for each in x]
    y = run(*inputs)
    grad = numbers(rng, *y.shape)
    y.backward(grad)
    found: Values = {"y": y, "grad": grad}
    for place, each in enumerate(inputs):
        found |= {f"x{place}": each, f"input_gradient{place}": each.grad}
    return found


def joins() -> Values:
    rng = np.random.default_rng(11)
    found: Values = {}
    functions = {
        "add": lambda *x: torch.stack(x).sum(0),
        "average": lambda *x: torch.stack(x).mean(0),
        "multiply": lambda *x: torch.stack(x).prod(0),
        "concatenate": lambda *x: torch.cat(x, dim=-1),
        "concatenate_first": lambda *x: torch.cat(x, dim=1),
    }
    for name, function in functions.items():
        values = differentiated(function, [numbers(rng, 3, 4, 2) for _ in range(3)], rng)
        found |= {f"{name}/{key}": value for key, value in values.items()}
    return found


def linear(rng: np.random.Generator, inputs: int, outputs: int) -> nn.Linear:
    layer = nn.Linear(inputs, outputs).double()
    with torch.no_grad():
        layer.weight.copy_(numbers(rng, outputs, inputs))
        layer.bias.copy_(numbers(rng, outputs))
    return layer


def with_gradients(layers: dict[str, nn.Linear]) -> Values:
    found: Values = {}
    for name, layer in layers.items():
        assert layer.weight.grad is not None
        assert layer.bias.grad is not None
        found |= {f"{name}.weight": layer.weight.T, f"{name}.bias": layer.bias}
        found |= {f"{name}.weight_gradient": layer.weight.grad.T, f"{name}.bias_gradient": layer.bias.grad}
    return found


def graph() -> Values:
    """Two inputs, a layer that is used twice, a gate, a way around, and two outputs joined."""
    rng = np.random.default_rng(12)
    shared, known, gate, last = linear(rng, 5, 4), linear(rng, 2, 4), linear(rng, 4, 4), linear(rng, 8, 3)

    def run(image: torch.Tensor, age: torch.Tensor) -> torch.Tensor:
        seen, again = torch.tanh(shared(image)), torch.tanh(shared(image * image))
        old = known(age)
        gated = seen * torch.sigmoid(gate(old))
        return last(torch.cat([gated + old, (seen + again) / 2], dim=-1))

    found = differentiated(run, [numbers(rng, 6, 5), numbers(rng, 6, 2)], rng)
    found |= with_gradients({"shared": shared, "known": known, "gate": gate, "last": last})
    return {f"graph/{key}": value for key, value in found.items()}


def tied() -> Values:
    """Words scored by the vectors that they were read by, and an autoencoder with one matrix, three steps of it."""
    rng = np.random.default_rng(13)
    table, bias, hidden = numbers(rng, 7, 4), numbers(rng, 7), linear(rng, 4, 4)
    table.requires_grad_()
    bias.requires_grad_()
    tokens = torch.tensor(rng.integers(0, 6, (5, 3)))
    found: Values = {"tokens": tokens, "grad": numbers(rng, 5, 3, 7)}
    found |= {"table": table.detach().clone(), "bias": bias.detach().clone()}
    found |= {"weight": hidden.weight.detach().T.clone(), "hidden_bias": hidden.bias.detach().clone()}
    y = torch.tanh(hidden(table[tokens])) @ table.T + bias
    y.backward(found["grad"])
    assert hidden.weight.grad is not None
    found |= {"y": y, "table_gradient": table.grad, "bias_gradient": bias.grad, "weight_gradient": hidden.weight.grad.T}

    matrix, encoder_bias, decoder_bias = numbers(rng, 6, 4), numbers(rng, 4), numbers(rng, 6)
    parameters = [each.requires_grad_() for each in (matrix, encoder_bias, decoder_bias)]
    x = numbers(rng, 8, 6)
    found |= {"code/x": x, "code/matrix": matrix.detach().clone(), "code/encoder_bias": encoder_bias.detach().clone()}
    found["code/decoder_bias"] = decoder_bias.detach().clone()
    optimizer = torch.optim.SGD(parameters, lr=0.05)
    for _ in range(3):
        optimizer.zero_grad()
        decoded = torch.tanh(x @ matrix + encoder_bias) @ matrix.T + decoder_bias
        (0.5 * ((decoded - x) ** 2).sum(dim=1).mean()).backward()
        optimizer.step()
    found |= {"code/matrix_after": matrix, "code/encoder_bias_after": encoder_bias}
    found["code/decoder_bias_after"] = decoder_bias
    return {f"tied/{key}": value for key, value in found.items()}


def main() -> None:
    values = {
        name: value.detach().numpy() if isinstance(value, torch.Tensor) else value
        for name, value in (joins() | graph() | tied()).items()
    }
    path = Path(__file__).parent / "containers.npz"
    np.savez_compressed(path, torch=np.array(torch.__version__), **values)


if __name__ == "__main__":
    main()
