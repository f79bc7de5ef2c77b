"""Makes values.npz beside it: what PyTorch computes for the layers that are here too, ragged sequences packed.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make.py``. The test suite only
reads the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

ROWS, TIME, FEATURES, UNITS = 4, 5, 3, 4
LENGTHS = [3, 5, 1, 4]
GATES = {"simple_rnn": (0,), "gru": (0, 1, 2), "lstm": (3, 0, 1, 2)}
"""The place in PyTorch's order of each gate in layerkit's order."""

Values = dict[str, Any]


def numbers(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    """Normal numbers that single precision holds exactly, computed with in double precision."""
    return torch.tensor(rng.normal(size=shape).astype("float32").astype("float64"))


def fill(module: nn.Module, rng: np.random.Generator) -> None:
    for parameter in module.parameters():
        parameter.data = numbers(rng, *parameter.shape)


def ragged() -> torch.Tensor:
    return torch.arange(TIME)[None] < torch.tensor(LENGTHS)[:, None]


def differentiate(run: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, rng: np.random.Generator) -> Values:
    x = x.clone().requires_grad_()
    y = run(x)
    grad = numbers(rng, *y.shape)
    y.backward(grad)
    return {"x": x, "y": y, "grad": grad, "input_gradient": x.grad}


def recurrent(kind: str, module: Any, rng: np.random.Generator, *, setting: str) -> Values:
    """One layer; ``setting`` is some of the words ragged, last, reverse (then the second half of a two-way layer)."""
    fill(module, rng)
    reverse = "reverse" in setting
    side = slice(UNITS, None) if reverse else slice(None, UNITS)

    def run(x: torch.Tensor) -> torch.Tensor:
        lengths = LENGTHS if "ragged" in setting else [TIME] * ROWS
        packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        outputs, states = module(packed)
        if "last" in setting:
            return (states[0] if kind == "lstm" else states)[int(reverse)]
        return pad_packed_sequence(outputs, batch_first=True, total_length=TIME)[0][..., side]

    values = differentiate(run, numbers(rng, ROWS, TIME, FEATURES), rng)
    if "ragged" in setting:
        values["mask"] = ragged()
    return values | parameters(kind, module, "_reverse" if reverse else "")


def parameters(kind: str, module: Any, suffix: str) -> Values:
    """Those of one direction, with their gradients, as layerkit names and orders them."""
    names = {"weight": "weight_ih_l0", "recurrent_weight": "weight_hh_l0", "bias": "bias_ih_l0", "other": "bias_hh_l0"}
    found = {}
    for name, theirs in names.items():
        parameter = getattr(module, theirs + suffix)
        for key, value in ((name, parameter), (f"{name}_gradient", parameter.grad)):
            blocks = value.reshape(len(GATES[kind]), UNITS, -1)[list(GATES[kind])]
            found[key] = blocks.reshape(-1, blocks.shape[-1]).T if parameter.ndim == 2 else blocks.reshape(-1)
    other, other_gradient = found.pop("other"), found.pop("other_gradient")
    if kind == "gru":
        # the second bias of the candidate stands inside the reset; elsewhere two biases are one
        found["candidate_bias"], found["candidate_bias_gradient"] = other[2 * UNITS :], other_gradient[2 * UNITS :]
        found["bias"] = torch.cat([found["bias"][: 2 * UNITS] + other[: 2 * UNITS], found["bias"][2 * UNITS :]])
    else:
        found["bias"] = found["bias"] + other
    return found


def two_way() -> Iterator[tuple[str, dict[str, Any], Values]]:
    """Both directions of a layer, joined."""
    rng = np.random.default_rng(4)
    kinds: dict[str, Any] = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
    for kind, made in kinds.items():
        for setting in ("plain", "ragged", "ragged last"):
            module = made(FEATURES, UNITS, batch_first=True, bidirectional=True)
            fill(module, rng)

            def run(x: torch.Tensor, module: Any = module, kind: str = kind, setting: str = setting) -> torch.Tensor:
                lengths = LENGTHS if "ragged" in setting else [TIME] * ROWS
                packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
                outputs, states = module(packed)
                if "last" in setting:
                    return torch.cat(list(states[0] if kind == "lstm" else states), dim=-1)
                return pad_packed_sequence(outputs, batch_first=True, total_length=TIME)[0]

            values = differentiate(run, numbers(rng, ROWS, TIME, FEATURES), rng)
            if "ragged" in setting:
                values["mask"] = ragged()
            for part, suffix in (("ahead", ""), ("back", "_reverse")):
                values |= {f"{part}.{key}": value for key, value in parameters(kind, module, suffix).items()}
            arguments = {"units": UNITS} | ({"return_sequences": False} if "last" in setting else {})
            yield f"two_way_{kind}/{setting}", arguments, values


def recurrents() -> Iterator[tuple[str, dict[str, Any], Values]]:
    rng = np.random.default_rng(1)
    kinds: dict[str, Any] = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
    for kind, module in kinds.items():
        for setting in ("plain", "ragged", "ragged last", "ragged reverse", "ragged reverse last"):
            layer = module(FEATURES, UNITS, batch_first=True, bidirectional="reverse" in setting)
            arguments: dict[str, Any] = {"units": UNITS}
            if "last" in setting:
                arguments["return_sequences"] = False
            if "reverse" in setting:
                arguments["reverse"] = True
            yield f"{kind}/{setting}", arguments, recurrent(kind, layer, rng, setting=setting)
    relu = nn.RNN(FEATURES, UNITS, batch_first=True, nonlinearity="relu")
    yield "relu_rnn/ragged", {"units": UNITS}, recurrent("simple_rnn", relu, rng, setting="ragged")


def attention() -> Iterator[tuple[str, dict[str, Any], Values]]:
    """Steps that the mask leaves out have zeros as their outputs here, where PyTorch computes something."""
    rng = np.random.default_rng(2)
    heads, features = 2, 6
    for setting in ("plain", "causal", "ragged", "ragged causal"):
        module = nn.MultiheadAttention(features, heads, batch_first=True).double()
        fill(module, rng)
        mask = ragged() if "ragged" in setting else torch.ones(ROWS, TIME, dtype=torch.bool)
        later = torch.triu(torch.ones(TIME, TIME, dtype=torch.bool), 1) if "causal" in setting else None

        def run(x: torch.Tensor, module: Any = module, mask: Any = mask, later: Any = later) -> torch.Tensor:
            y, _ = module(x, x, x, key_padding_mask=~mask, attn_mask=later, need_weights=False)
            return torch.where(mask[..., None], y, torch.zeros_like(y))

        values = differentiate(run, numbers(rng, ROWS, TIME, features), rng)
        if "ragged" in setting:
            values["mask"] = mask
        output = module.out_proj
        for name, parameter in (
            ("weight", module.in_proj_weight),
            ("bias", module.in_proj_bias),
            ("output_weight", output.weight),
            ("output_bias", output.bias),
        ):
            values |= {name: parameter.T if parameter.ndim == 2 else parameter}
            values |= {f"{name}_gradient": parameter.grad.T if parameter.ndim == 2 else parameter.grad}
        arguments = {"heads": heads, "causal": True} if "causal" in setting else {"heads": heads}
        yield f"attention/{setting}", arguments, values


def others() -> Iterator[tuple[str, dict[str, Any], Values]]:
    rng = np.random.default_rng(3)
    for name, shape in (("2d", (6, 5)), ("3d", (3, 4, 5))):
        norm = nn.LayerNorm(5, eps=1e-5).double()
        fill(norm, rng)
        values = differentiate(norm, numbers(rng, *shape), rng)
        values |= {"scale": norm.weight, "scale_gradient": norm.weight.grad}
        values |= {"shift": norm.bias, "shift_gradient": norm.bias.grad}
        yield f"layer_normalization/{name}", {}, values

    table = nn.Embedding(7, 3).double()
    fill(table, rng)
    tokens = torch.tensor(rng.integers(0, 6, (ROWS, TIME)))
    y = table(tokens)
    grad = numbers(rng, *y.shape)
    y.backward(grad)
    values = {"x": tokens, "y": y, "grad": grad, "table": table.weight, "table_gradient": table.weight.grad}
    yield "embedding/plain", {"count": 7, "width": 3}, values

    for name, shape in (("2d", (6, 5)), ("3d", (3, 4, 5))):
        linear = nn.Linear(5, 8).double()
        fill(linear, rng)

        def run(x: torch.Tensor, linear: Any = linear) -> torch.Tensor:
            return nn.functional.glu(linear(x), dim=-1)

        values = differentiate(run, numbers(rng, *shape), rng)
        values |= {"weight": linear.weight.T, "weight_gradient": linear.weight.grad.T}
        values |= {"bias": linear.bias, "bias_gradient": linear.bias.grad}
        yield f"gated_linear_unit/{name}", {"units": 4}, values


def blocks() -> Iterator[tuple[str, dict[str, Any], Values]]:
    """Whole blocks of a Transformer, and attention to another sequence, whose padding is not read."""
    rng = np.random.default_rng(5)
    features, heads = 6, 2
    for setting in ("plain", "causal"):
        layer = nn.TransformerEncoderLayer(features, heads, 5, 0.0, batch_first=True, norm_first=True).double()
        fill(layer, rng)
        later = torch.triu(torch.ones(TIME, TIME, dtype=torch.bool), 1) if "causal" in setting else None
        arguments: dict[str, Any] = {"features": features, "heads": heads, "hidden": 5}

        def run(x: torch.Tensor, layer: Any = layer, later: Any = later) -> torch.Tensor:
            return layer(x, src_mask=later)

        values = differentiate(run, numbers(rng, ROWS, TIME, features), rng)
        attention = layer.self_attn
        parameters = {
            "attention.inner.0.scale": layer.norm1.weight,
            "attention.inner.0.shift": layer.norm1.bias,
            "attention.inner.1.weight": attention.in_proj_weight,
            "attention.inner.1.bias": attention.in_proj_bias,
            "attention.inner.1.output_weight": attention.out_proj.weight,
            "attention.inner.1.output_bias": attention.out_proj.bias,
            "network.inner.0.scale": layer.norm2.weight,
            "network.inner.0.shift": layer.norm2.bias,
            "network.inner.1.weight": layer.linear1.weight,
            "network.inner.1.bias": layer.linear1.bias,
            "network.inner.2.weight": layer.linear2.weight,
            "network.inner.2.bias": layer.linear2.bias,
        }
        if later is not None:
            arguments["causal"] = True
        yield f"transformer_block/{setting}", arguments, values | told(parameters)

    for setting in ("plain", "ragged"):
        module = nn.MultiheadAttention(features, heads, kdim=4, vdim=4, batch_first=True).double()
        fill(module, rng)
        mask = ragged() if "ragged" in setting else torch.ones(ROWS, TIME, dtype=torch.bool)
        source = numbers(rng, ROWS, TIME, 4).requires_grad_()

        def cross(x: torch.Tensor, module: Any = module, mask: Any = mask, source: Any = source) -> torch.Tensor:
            return module(x, source, source, key_padding_mask=~mask, need_weights=False)[0]

        values = differentiate(cross, numbers(rng, ROWS, 3, features), rng)
        values |= {"source": source, "input_gradient_of_source": source.grad}
        if "ragged" in setting:
            values["mask"] = mask
        bias, bias_gradient = module.in_proj_bias, module.in_proj_bias.grad
        keys, contents = module.k_proj_weight, module.v_proj_weight
        values |= told({"query_weight": module.q_proj_weight, "output_weight": module.out_proj.weight})
        values |= told({"output_bias": module.out_proj.bias})
        values |= {"query_bias": bias[:features], "query_bias_gradient": bias_gradient[:features]}
        values |= {"bias": bias[features:], "bias_gradient": bias_gradient[features:]}
        values |= {"weight": torch.cat([keys, contents]).T}
        values |= {"weight_gradient": torch.cat([keys.grad, contents.grad]).T}
        yield f"cross_attention/{setting}", {"heads": heads}, values


def told(parameters: dict[str, Any]) -> Values:
    """Parameters with their gradients, matrices as layerkit has them."""
    found = {}
    for name, parameter in parameters.items():
        for key, value in ((name, parameter), (f"{name}_gradient", parameter.grad)):
            found[key] = value.T if value.ndim == 2 else value
    return found


def main() -> None:
    torch.set_default_dtype(torch.float64)
    index: list[Any] = []
    pieces: list[Any] = []
    for name, arguments, values in (*recurrents(), *attention(), *others(), *two_way(), *blocks()):
        arrays = {key: np.asarray(value.detach(), "float32") for key, value in values.items()}
        index.append([name, arguments, {key: list(array.shape) for key, array in arrays.items()}])
        pieces += [array.ravel() for array in arrays.values()]
    path = Path(__file__).with_name("values.npz")
    np.savez_compressed(path, values=np.concatenate(pieces), index=np.array(json.dumps(index)))


if __name__ == "__main__":
    main()
