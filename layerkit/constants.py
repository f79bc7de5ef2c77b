"""Numbers of published formulas, for every engine that computes them."""

from __future__ import annotations

import math

SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805
"""α and λ of Klambauer, Unterthiner, Mayr and Hochreiter, *Self-normalizing neural networks*, NeurIPS 2017."""
SELU_LOWEST = -SELU_ALPHA * SELU_SCALE
"""−λ α, what SELU tends to for small numbers."""

MUON_POLYNOMIAL = 3.4445, -4.7750, 2.0315
"""a, b and c of a Newton–Schulz step, X ← a X + b X Xᵀ X + c (X Xᵀ)² X, of Jordan et al., *Muon*, 2024."""
MUON_RMS = 0.2
"""What makes a matrix's step as long as Adam's is: Liu et al., *Muon is scalable for LLM training*, 2025."""
MUON_ADAM = 0.9, 0.999, 1e-8
"""β₁, β₂ and ε of Adam's step, for what is no matrix."""

GELU_FACTOR = 2 * math.sqrt(2 / math.pi)
GELU_CUBIC = 0.044715
"""σ(factor · (z + cubic · z³)) is the approximation of Φ(z) in Hendrycks and Gimpel, arXiv:1606.08415."""
GELU_FURTHEST = 12.0
"""Where that σ is 0 or 1 to the last digit."""

NORMAL_FURTHEST = 40.0
"""Where e^(−z²/2) is 0 in every dtype."""
NORMAL_COEFFICIENTS = {
    4: (
        4.0,
        (3.074578925131652e-05, 4.870046278561636e-05, -0.00039232841127306156, -0.0008808935140879765,
         0.0018818032279199638, 0.01510161743707591, 0.046630751474346914, 0.09678416994867665, 0.15197415151845228,
         0.18882128462759265),
    ),
    8: (
        6.0,
        (1.4988041501132678e-10, -8.795542530873496e-10, -1.9400769699715777e-11, 7.4040795687778025e-09,
         1.5616255174298465e-09, -5.1987794274311556e-08, -7.170029500022417e-08, 3.0011565407933144e-07,
         1.1327242353244597e-06, -1.7932799095855396e-07, -1.0791981900158533e-05, -3.0226721801157857e-05,
         5.47832927737432e-06, 0.00035526753288489613, 0.001671636774832629, 0.005164219251465762,
         0.012528652611346325, 0.025446705344071043, 0.04466237430694981, 0.06898393096259872, 0.09482814863579715,
         0.11683483826514425, 0.1295586286488937),
    ),
}  # fmt: skip
"""Of Φ, whose form ``layerkit.activations.normal_distribution`` tells, by the size of a number in bytes: k, and the
coefficients of the polynomial, that of the highest power first."""
