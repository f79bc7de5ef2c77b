"""An experiment that takes a second, as a file says it."""

from __future__ import annotations

SMALL = """
dataset = "digits"
layers = [
  "flatten",
  { component = "rescale", scale = 0.0625 },
  { component = "dense", units = 12, activation = "tanh" },
  { component = "dense", units = 10, activation = "sigmoid" },
]
cost = "quadratic"
optimizer = { component = "gradient-descent", learning_rate = 2.0 }
metrics = ["accuracy"]

[training]
epochs = 2
batch_size = 20
"""
