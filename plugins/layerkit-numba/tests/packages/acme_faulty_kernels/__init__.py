"""Kernels with one realistic fault each, by the kind of their component, and the check that is to tell of it."""

from . import activations_and_parts, costs, layer_memory, layer_states, layer_values, optimizers
from .fault import FAULTS

__all__ = ["FAULTS", "activations_and_parts", "costs", "layer_memory", "layer_states", "layer_values", "optimizers"]
