"""Makes average.npz: PyTorch's exponential moving average of weights over a hundred steps of plain descent.

Run it in an environment of its own that has PyTorch and NumPy, after ``make.py``, whose first values and gradients it
takes: ``python tests/reference/make_average.py``. The test suite only reads the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

DECAY = 0.95
RATE = 0.1


def main() -> None:
    given = np.load(Path(__file__).with_name("optimizers.npz"))
    model = torch.nn.Linear(4, 3)
    with torch.no_grad():
        model.weight.copy_(torch.tensor(given["weight"].T))
        model.bias.copy_(torch.tensor(given["bias"]))
    average = torch.optim.swa_utils.AveragedModel(model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(DECAY))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    kept: dict[str, Any] = {"weight": [], "bias": []}
    for weight, bias in zip(given["weight_gradients"], given["bias_gradients"], strict=True):
        model.weight.grad, model.bias.grad = torch.tensor(weight.T.copy()), torch.tensor(bias)
        optimizer.step()
        average.update_parameters(model)
        kept["weight"].append(average.module.weight.detach().numpy().T.copy())
        kept["bias"].append(average.module.bias.detach().numpy().copy())
    np.savez_compressed(Path(__file__).with_name("average.npz"), torch=np.array(torch.__version__), **kept)


if __name__ == "__main__":
    main()
