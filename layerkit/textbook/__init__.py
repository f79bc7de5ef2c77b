"""The assignment's neural network, as a thin face over layerkit's own components."""

from layerkit.textbook.network import NeuralNetwork as NeuralNetwork

__all__ = ["NeuralNetwork"]
