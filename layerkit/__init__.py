"""layerkit: a neural-network framework in which every part is a plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.activations.identity import Identity as Identity
    from layerkit.activations.relu import ReLU as ReLU
    from layerkit.activations.sigmoid import Sigmoid as Sigmoid
    from layerkit.activations.softmax import Softmax as Softmax
    from layerkit.activations.tanh import Tanh as Tanh
    from layerkit.callbacks.csv_log import CsvLog as CsvLog
    from layerkit.callbacks.early_stopping import EarlyStopping as EarlyStopping
    from layerkit.callbacks.interruption import Interruption as Interruption
    from layerkit.callbacks.json_lines import JsonLines as JsonLines
    from layerkit.callbacks.progress_display import ProgressDisplay as ProgressDisplay
    from layerkit.costs.cross_entropy import CrossEntropy as CrossEntropy
    from layerkit.costs.quadratic import Quadratic as Quadratic
    from layerkit.data.examples import Examples as Examples
    from layerkit.datasets.csv_file import CsvFile as CsvFile
    from layerkit.datasets.digits import Digits as Digits
    from layerkit.datasets.idx_files import IdxFiles as IdxFiles
    from layerkit.datasets.mnist import Mnist as Mnist
    from layerkit.datasets.npz_file import NpzFile as NpzFile
    from layerkit.engines.numpy_engine import NumpyEngine as NumpyEngine
    from layerkit.files.checkpoint import Checkpoint as Checkpoint
    from layerkit.files.checkpoints import resume as resume
    from layerkit.files.checkpoints import save_checkpoint as save_checkpoint
    from layerkit.files.loading import load as load
    from layerkit.files.saving import save as save
    from layerkit.initializers.constant import Constant as Constant
    from layerkit.initializers.glorot import Glorot as Glorot
    from layerkit.initializers.he import He as He
    from layerkit.initializers.normal import Normal as Normal
    from layerkit.initializers.zeros import Zeros as Zeros
    from layerkit.interfaces.activation import Activation as Activation
    from layerkit.interfaces.callback import Callback as Callback
    from layerkit.interfaces.context import Context as Context
    from layerkit.interfaces.cost import Cost as Cost
    from layerkit.interfaces.dataset import Batch as Batch
    from layerkit.interfaces.dataset import Dataset as Dataset
    from layerkit.interfaces.dataset import RandomAccess as RandomAccess
    from layerkit.interfaces.dataset import Stream as Stream
    from layerkit.interfaces.engine import Engine as Engine
    from layerkit.interfaces.engine import Run as Run
    from layerkit.interfaces.initializer import Initializer as Initializer
    from layerkit.interfaces.layer import Layer as Layer
    from layerkit.interfaces.metric import Metric as Metric
    from layerkit.interfaces.optimizer import Optimizer as Optimizer
    from layerkit.interfaces.schedule import Schedule as Schedule
    from layerkit.interfaces.schedule import elapsed as elapsed
    from layerkit.interfaces.scratch import Scratch as Scratch
    from layerkit.interfaces.transform import Transform as Transform
    from layerkit.interfaces.update_context import UpdateContext as UpdateContext
    from layerkit.layers.batch_normalization import BatchNormalization as BatchNormalization
    from layerkit.layers.dense import Dense as Dense
    from layerkit.layers.dropout import Dropout as Dropout
    from layerkit.layers.flatten import Flatten as Flatten
    from layerkit.layers.rescale import Rescale as Rescale
    from layerkit.layers.reshape import Reshape as Reshape
    from layerkit.layers.residual import Residual as Residual
    from layerkit.metrics.accuracy import Accuracy as Accuracy
    from layerkit.metrics.mean_squared_error import MeanSquaredError as MeanSquaredError
    from layerkit.models.model import Model as Model
    from layerkit.models.sequential import Sequential as Sequential
    from layerkit.optimizers.adam import Adam as Adam
    from layerkit.optimizers.gradient_descent import GradientDescent as GradientDescent
    from layerkit.schedules.constant import ConstantRate as ConstantRate
    from layerkit.schedules.cosine import CosineDecay as CosineDecay
    from layerkit.schedules.step import StepDecay as StepDecay
    from layerkit.training.history import History as History
    from layerkit.training.trainer import Trainer as Trainer
    from layerkit.transforms.clip_norm import ClipNorm as ClipNorm
    from layerkit.transforms.weight_decay import WeightDecay as WeightDecay

__version__ = "0.1.0"

# names are imported when they are first used: `import layerkit` stays fast, and the command line needs no NumPy
_MODULES = {
    "activations": {"identity": "Identity", "relu": "ReLU", "sigmoid": "Sigmoid", "softmax": "Softmax", "tanh": "Tanh"},
    "costs": {"cross_entropy": "CrossEntropy", "quadratic": "Quadratic"},
    "data": {"examples": "Examples"},
    "datasets": {
        "csv_file": "CsvFile",
        "digits": "Digits",
        "idx_files": "IdxFiles",
        "mnist": "Mnist",
        "npz_file": "NpzFile",
    },
    "engines": {"numpy_engine": "NumpyEngine"},
    "files": {"checkpoint": "Checkpoint", "checkpoints": "resume save_checkpoint", "loading": "load", "saving": "save"},
    "initializers": {"constant": "Constant", "glorot": "Glorot", "he": "He", "normal": "Normal", "zeros": "Zeros"},
    "interfaces": {
        "activation": "Activation",
        "callback": "Callback",
        "context": "Context",
        "cost": "Cost",
        "dataset": "Batch Dataset RandomAccess Stream",
        "engine": "Engine Run",
        "initializer": "Initializer",
        "layer": "Layer",
        "metric": "Metric",
        "optimizer": "Optimizer",
        "schedule": "Schedule elapsed",
        "scratch": "Scratch",
        "transform": "Transform",
        "update_context": "UpdateContext",
    },
    "layers": {
        "batch_normalization": "BatchNormalization",
        "dense": "Dense",
        "dropout": "Dropout",
        "flatten": "Flatten",
        "rescale": "Rescale",
        "reshape": "Reshape",
        "residual": "Residual",
    },
    "metrics": {"accuracy": "Accuracy", "mean_squared_error": "MeanSquaredError"},
    "models": {"model": "Model", "sequential": "Sequential"},
    "optimizers": {"adam": "Adam", "gradient_descent": "GradientDescent"},
    "schedules": {"constant": "ConstantRate", "cosine": "CosineDecay", "step": "StepDecay"},
    "training": {"history": "History", "trainer": "Trainer"},
    "callbacks": {
        "csv_log": "CsvLog",
        "early_stopping": "EarlyStopping",
        "interruption": "Interruption",
        "json_lines": "JsonLines",
        "progress_display": "ProgressDisplay",
    },
    "transforms": {"clip_norm": "ClipNorm", "weight_decay": "WeightDecay"},
}
_EXPORTS = {
    name: f"layerkit.{folder}.{module}"
    for folder, modules in _MODULES.items()
    for module, names in modules.items()
    for name in names.split()
}

__all__ = sorted(_EXPORTS)  # noqa: PLE0605 - computed from the table above

__getattr__ = lazily(__name__, _EXPORTS)


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
