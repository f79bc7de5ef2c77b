"""What ``layerkit run conv/…`` runs."""

from __future__ import annotations

from pathlib import Path

MNIST = Path(__file__).parent / "mnist.toml"
