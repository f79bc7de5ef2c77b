"""Makes binary_cross_entropy.npz: PyTorch's values and gradients of the cost of two classes and of labels.

Run it in an environment of its own that has torch and NumPy: ``python tests/reference/make_binary_cross_entropy.py``.
The test suite only reads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

SHAPES = {"one": (7, 1), "labels": (7, 5), "3d": (3, 4, 5)}


def main() -> None:
    rng = np.random.default_rng(5)
    found: dict[str, Any] = {"torch": np.array(torch.__version__)}
    for name, shape in SHAPES.items():
        for form, target in (("hard", rng.integers(0, 2, shape)), ("soft", rng.random(shape))):
            logits = torch.tensor(6 * rng.normal(size=shape), dtype=torch.float32, requires_grad=True)
            wanted = torch.tensor(target, dtype=torch.float32)
            cost = nn.functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").flatten(1).sum(1)
            cost.sum().backward()
            assert logits.grad is not None
            values = {"prediction": logits, "target": wanted, "cost": cost, "gradient": logits.grad}
            found |= {f"{name}/{form}/{key}": value.detach().numpy() for key, value in values.items()}
    np.savez_compressed(Path(__file__).with_name("binary_cross_entropy.npz"), **found)


if __name__ == "__main__":
    main()
