"""Makes thawed.npz: how PyTorch's optimizers move parameters that are frozen at first, thawed late, and frozen again.

Run it in an environment of its own that has PyTorch and NumPy: ``python tests/reference/make_thawed.py``. The test
suite only reads the file. PyTorch counts the steps of each tensor, those by a gradient of zeros among them, and none
where there is no gradient. What it keeps for a tensor is deleted here when that is frozen: layerkit forgets it then.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

STEPS = 260
SEEN = 120
"""From this step on, parameters are kept."""
SHAPES = {"0.weight": (2, 3), "1.weight": (3, 2), "1.bias": (2,)}
THAWED = {"0.weight": [(0, STEPS)], "1.weight": [(120, 200), (230, STEPS)], "1.bias": [(150, STEPS)]}
"""At which steps each is trained."""
SILENT = 40
"""For so many steps the first row of the first weight has a gradient of zeros."""
Maker = Callable[[list[torch.Tensor]], torch.optim.Optimizer]
OPTIMIZERS: dict[str, Maker] = {
    "gradient_descent": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.9),
    "adam": lambda p: torch.optim.Adam(p, lr=0.05),
    "adam_other": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.7, 0.95), eps=1e-3),
    "adamw": lambda p: torch.optim.AdamW(
        [{"params": p[:2], "weight_decay": 0.2}, {"params": p[2:], "weight_decay": 0.0}], lr=0.05
    ),
    "amsgrad": lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.8, 0.9), amsgrad=True),
    "nadam": lambda p: torch.optim.NAdam(p, lr=0.05),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.8, eps=1e-4),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.1),
    "rms_prop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9),
    "rms_prop_centered": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.8, eps=1e-3, momentum=0.7, centered=True),
}


def main() -> None:
    rng = np.random.default_rng(8)
    first = {path: rng.normal(size=shape) for path, shape in SHAPES.items()}
    gradients = {path: rng.normal(size=(STEPS, *shape)) for path, shape in SHAPES.items()}
    gradients["0.weight"][:SILENT, 0] = 0
    found: dict[str, Any] = {f"first/{path}": value for path, value in first.items()}
    found |= {f"gradients/{path}": value for path, value in gradients.items()}
    for name, make in OPTIMIZERS.items():
        tensors = {path: torch.nn.Parameter(torch.tensor(value)) for path, value in first.items()}
        optimizer = make(list(tensors.values()))
        kept = []
        for step in range(STEPS):
            for path, tensor in tensors.items():
                trained = any(begin <= step < end for begin, end in THAWED[path])
                tensor.grad = torch.tensor(gradients[path][step]) if trained else None
                if not trained:
                    optimizer.state.pop(tensor, None)
            optimizer.step()
            kept.append(np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors.values()]))
        found[name] = np.array(kept[SEEN:], np.float32)
    np.savez_compressed(Path(__file__).with_name("thawed.npz"), torch=np.array(torch.__version__), **found)


if __name__ == "__main__":
    main()
