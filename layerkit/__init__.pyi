"""What ``import layerkit`` offers; written by scripts/make_generated_files.py."""

from layerkit.activations.celu import CELU as CELU
from layerkit.activations.elu import ELU as ELU
from layerkit.activations.exponential import Exponential as Exponential
from layerkit.activations.gelu import GELU as GELU
from layerkit.activations.hard_sigmoid import HardSigmoid as HardSigmoid
from layerkit.activations.hard_swish import HardSwish as HardSwish
from layerkit.activations.hard_tanh import HardTanh as HardTanh
from layerkit.activations.identity import Identity as Identity
from layerkit.activations.leaky_relu import LeakyReLU as LeakyReLU
from layerkit.activations.log_softmax import LogSoftmax as LogSoftmax
from layerkit.activations.mish import Mish as Mish
from layerkit.activations.prelu import PReLU as PReLU
from layerkit.activations.relu import ReLU as ReLU
from layerkit.activations.relu6 import ReLU6 as ReLU6
from layerkit.activations.selu import SELU as SELU
from layerkit.activations.sigmoid import Sigmoid as Sigmoid
from layerkit.activations.silu import SiLU as SiLU
from layerkit.activations.softmax import Softmax as Softmax
from layerkit.activations.softplus import Softplus as Softplus
from layerkit.activations.softsign import Softsign as Softsign
from layerkit.activations.tanh import Tanh as Tanh
from layerkit.activations.unstandardize import Unstandardize as Unstandardize
from layerkit.callbacks.csv_log import CsvLog as CsvLog
from layerkit.callbacks.early_stopping import EarlyStopping as EarlyStopping
from layerkit.callbacks.interruption import Interruption as Interruption
from layerkit.callbacks.json_lines import JsonLines as JsonLines
from layerkit.callbacks.learning_rate_log import LearningRateLog as LearningRateLog
from layerkit.callbacks.progress_display import ProgressDisplay as ProgressDisplay
from layerkit.callbacks.reduce_on_plateau import ReduceOnPlateau as ReduceOnPlateau
from layerkit.callbacks.time_limit import TimeLimit as TimeLimit
from layerkit.costs.absolute_error import AbsoluteError as AbsoluteError
from layerkit.costs.binary_cross_entropy import BinaryCrossEntropy as BinaryCrossEntropy
from layerkit.costs.binary_focal import BinaryFocal as BinaryFocal
from layerkit.costs.categorical_hinge import CategoricalHinge as CategoricalHinge
from layerkit.costs.cosine_similarity import CosineSimilarity as CosineSimilarity
from layerkit.costs.cross_entropy import CrossEntropy as CrossEntropy
from layerkit.costs.focal import Focal as Focal
from layerkit.costs.hinge import Hinge as Hinge
from layerkit.costs.huber import Huber as Huber
from layerkit.costs.kullback_leibler import KullbackLeibler as KullbackLeibler
from layerkit.costs.log_cosh import LogCosh as LogCosh
from layerkit.costs.poisson import Poisson as Poisson
from layerkit.costs.quadratic import Quadratic as Quadratic
from layerkit.costs.quantile import Quantile as Quantile
from layerkit.costs.squared_hinge import SquaredHinge as SquaredHinge
from layerkit.data.augmentation import Augmentation as Augmentation
from layerkit.data.examples import Examples as Examples
from layerkit.data.shuffled_stream import Shuffled as Shuffled
from layerkit.data.split import folds as folds
from layerkit.data.split import split as split
from layerkit.datasets.augmented import Augmented as Augmented
from layerkit.datasets.balanced import Balanced as Balanced
from layerkit.datasets.blobs import Blobs as Blobs
from layerkit.datasets.csv_file import CsvFile as CsvFile
from layerkit.datasets.digits import Digits as Digits
from layerkit.datasets.friedman import Friedman as Friedman
from layerkit.datasets.idx_files import IdxFiles as IdxFiles
from layerkit.datasets.image_folder import ImageFolder as ImageFolder
from layerkit.datasets.mnist import Mnist as Mnist
from layerkit.datasets.moons import Moons as Moons
from layerkit.datasets.npz_file import NpzFile as NpzFile
from layerkit.datasets.scikit_learn_table import ScikitLearnTable as ScikitLearnTable
from layerkit.diagnosis.diagnosis_callback import Diagnosis as Diagnosis
from layerkit.diagnosis.layer_statistics import LayerStatistics as LayerStatistics
from layerkit.engines.numpy_engine import NumpyEngine as NumpyEngine
from layerkit.files.checkpoint_callback import Checkpoint as Checkpoint
from layerkit.files.checkpoints import resume as resume
from layerkit.files.checkpoints import save_checkpoint as save_checkpoint
from layerkit.files.models import load as load
from layerkit.files.models import save as save
from layerkit.initializers.constant import Constant as Constant
from layerkit.initializers.glorot import Glorot as Glorot
from layerkit.initializers.he import He as He
from layerkit.initializers.identity_matrix import IdentityMatrix as IdentityMatrix
from layerkit.initializers.lecun import LeCun as LeCun
from layerkit.initializers.normal import Normal as Normal
from layerkit.initializers.orthogonal import Orthogonal as Orthogonal
from layerkit.initializers.sparse import Sparse as Sparse
from layerkit.initializers.truncated_normal import TruncatedNormal as TruncatedNormal
from layerkit.initializers.uniform import Uniform as Uniform
from layerkit.initializers.variance_scaling import VarianceScaling as VarianceScaling
from layerkit.initializers.zeros import Zeros as Zeros
from layerkit.interfaces.activation import Activation as Activation
from layerkit.interfaces.callback import Callback as Callback
from layerkit.interfaces.callback import FitView as FitView
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
from layerkit.layers.add import Add as Add
from layerkit.layers.alpha_dropout import AlphaDropout as AlphaDropout
from layerkit.layers.average import Average as Average
from layerkit.layers.batch_normalization import BatchNormalization as BatchNormalization
from layerkit.layers.bias import Bias as Bias
from layerkit.layers.bidirectional import Bidirectional as Bidirectional
from layerkit.layers.concatenate import Concatenate as Concatenate
from layerkit.layers.dense import Dense as Dense
from layerkit.layers.dropout import Dropout as Dropout
from layerkit.layers.embedding import Embedding as Embedding
from layerkit.layers.flatten import Flatten as Flatten
from layerkit.layers.gaussian_dropout import GaussianDropout as GaussianDropout
from layerkit.layers.gaussian_noise import GaussianNoise as GaussianNoise
from layerkit.layers.group_normalization import GroupNormalization as GroupNormalization
from layerkit.layers.highway import Highway as Highway
from layerkit.layers.layer_normalization import LayerNormalization as LayerNormalization
from layerkit.layers.maxout import Maxout as Maxout
from layerkit.layers.multiply import Multiply as Multiply
from layerkit.layers.parallel import Parallel as Parallel
from layerkit.layers.repeat import Repeat as Repeat
from layerkit.layers.rescale import Rescale as Rescale
from layerkit.layers.reshape import Reshape as Reshape
from layerkit.layers.residual import Residual as Residual
from layerkit.layers.rms_normalization import RMSNormalization as RMSNormalization
from layerkit.layers.scale import Scale as Scale
from layerkit.layers.spatial_dropout import SpatialDropout as SpatialDropout
from layerkit.layers.standardize import Standardize as Standardize
from layerkit.layers.tied_dense import TiedDense as TiedDense
from layerkit.layers.time_distributed import TimeDistributed as TimeDistributed
from layerkit.metrics.accuracy import Accuracy as Accuracy
from layerkit.metrics.balanced_accuracy import BalancedAccuracy as BalancedAccuracy
from layerkit.metrics.binary_accuracy import BinaryAccuracy as BinaryAccuracy
from layerkit.metrics.brier_score import BrierScore as BrierScore
from layerkit.metrics.calibration_error import CalibrationError as CalibrationError
from layerkit.metrics.confusion import Confusion as Confusion
from layerkit.metrics.confusion_matrix import ConfusionMatrix as ConfusionMatrix
from layerkit.metrics.f1 import F1 as F1
from layerkit.metrics.log_loss import LogLoss as LogLoss
from layerkit.metrics.matthews_correlation import MatthewsCorrelation as MatthewsCorrelation
from layerkit.metrics.mean_absolute_error import MeanAbsoluteError as MeanAbsoluteError
from layerkit.metrics.mean_squared_error import MeanSquaredError as MeanSquaredError
from layerkit.metrics.precision import Precision as Precision
from layerkit.metrics.r2 import R2 as R2
from layerkit.metrics.recall import Recall as Recall
from layerkit.metrics.roc_auc import RocAuc as RocAuc
from layerkit.metrics.root_mean_squared_error import RootMeanSquaredError as RootMeanSquaredError
from layerkit.metrics.top_k_accuracy import TopKAccuracy as TopKAccuracy
from layerkit.models.graph import Graph as Graph
from layerkit.models.model import Model as Model
from layerkit.models.schema import Schema as Schema
from layerkit.models.sequential import Sequential as Sequential
from layerkit.optimizers.adadelta import Adadelta as Adadelta
from layerkit.optimizers.adagrad import Adagrad as Adagrad
from layerkit.optimizers.adam import Adam as Adam
from layerkit.optimizers.adamw import AdamW as AdamW
from layerkit.optimizers.amsgrad import AMSGrad as AMSGrad
from layerkit.optimizers.gradient_descent import GradientDescent as GradientDescent
from layerkit.optimizers.lbfgs import LBFGS as LBFGS
from layerkit.optimizers.lion import Lion as Lion
from layerkit.optimizers.muon import Muon as Muon
from layerkit.optimizers.nadam import Nadam as Nadam
from layerkit.optimizers.rms_prop import RMSProp as RMSProp
from layerkit.schedules.constant import ConstantRate as ConstantRate
from layerkit.schedules.cosine import CosineDecay as CosineDecay
from layerkit.schedules.cosine_restarts import CosineRestarts as CosineRestarts
from layerkit.schedules.exponential import ExponentialDecay as ExponentialDecay
from layerkit.schedules.inverse_square_root import InverseSquareRoot as InverseSquareRoot
from layerkit.schedules.one_cycle import OneCycle as OneCycle
from layerkit.schedules.piecewise import Piecewise as Piecewise
from layerkit.schedules.polynomial import PolynomialDecay as PolynomialDecay
from layerkit.schedules.step import StepDecay as StepDecay
from layerkit.schedules.warm_up import WarmUp as WarmUp
from layerkit.tensorboard.board_callback import TensorBoard as TensorBoard
from layerkit.training.history import History as History
from layerkit.training.trainer import Trainer as Trainer
from layerkit.transforms.centered_gradient import CenteredGradient as CenteredGradient
from layerkit.transforms.clip_norm import ClipNorm as ClipNorm
from layerkit.transforms.clip_value import ClipValue as ClipValue
from layerkit.transforms.exponential_average import ExponentialAverage as ExponentialAverage
from layerkit.transforms.gradient_noise import GradientNoise as GradientNoise
from layerkit.transforms.l1_penalty import L1Penalty as L1Penalty
from layerkit.transforms.l2_penalty import L2Penalty as L2Penalty
from layerkit.transforms.lookahead import Lookahead as Lookahead
from layerkit.transforms.max_norm import MaxNorm as MaxNorm
from layerkit.transforms.weight_decay import WeightDecay as WeightDecay

__version__: str
__all__ = [
    "CELU",
    "ELU",
    "F1",
    "GELU",
    "LBFGS",
    "R2",
    "SELU",
    "AMSGrad",
    "AbsoluteError",
    "Accuracy",
    "Activation",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Add",
    "AlphaDropout",
    "Augmentation",
    "Augmented",
    "Average",
    "Balanced",
    "BalancedAccuracy",
    "Batch",
    "BatchNormalization",
    "Bias",
    "Bidirectional",
    "BinaryAccuracy",
    "BinaryCrossEntropy",
    "BinaryFocal",
    "Blobs",
    "BrierScore",
    "CalibrationError",
    "Callback",
    "CategoricalHinge",
    "CenteredGradient",
    "Checkpoint",
    "ClipNorm",
    "ClipValue",
    "Concatenate",
    "Confusion",
    "ConfusionMatrix",
    "Constant",
    "ConstantRate",
    "Context",
    "CosineDecay",
    "CosineRestarts",
    "CosineSimilarity",
    "Cost",
    "CrossEntropy",
    "CsvFile",
    "CsvLog",
    "Dataset",
    "Dense",
    "Diagnosis",
    "Digits",
    "Dropout",
    "EarlyStopping",
    "Embedding",
    "Engine",
    "Examples",
    "Exponential",
    "ExponentialAverage",
    "ExponentialDecay",
    "FitView",
    "Flatten",
    "Focal",
    "Friedman",
    "GaussianDropout",
    "GaussianNoise",
    "Glorot",
    "GradientDescent",
    "GradientNoise",
    "Graph",
    "GroupNormalization",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "He",
    "Highway",
    "Hinge",
    "History",
    "Huber",
    "Identity",
    "IdentityMatrix",
    "IdxFiles",
    "ImageFolder",
    "Initializer",
    "Interruption",
    "InverseSquareRoot",
    "JsonLines",
    "KullbackLeibler",
    "L1Penalty",
    "L2Penalty",
    "Layer",
    "LayerNormalization",
    "LayerStatistics",
    "LeCun",
    "LeakyReLU",
    "LearningRateLog",
    "Lion",
    "LogCosh",
    "LogLoss",
    "LogSoftmax",
    "Lookahead",
    "MatthewsCorrelation",
    "MaxNorm",
    "Maxout",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Metric",
    "Mish",
    "Mnist",
    "Model",
    "Moons",
    "Multiply",
    "Muon",
    "Nadam",
    "Normal",
    "NpzFile",
    "NumpyEngine",
    "OneCycle",
    "Optimizer",
    "Orthogonal",
    "PReLU",
    "Parallel",
    "Piecewise",
    "Poisson",
    "PolynomialDecay",
    "Precision",
    "ProgressDisplay",
    "Quadratic",
    "Quantile",
    "RMSNormalization",
    "RMSProp",
    "RandomAccess",
    "ReLU",
    "ReLU6",
    "Recall",
    "ReduceOnPlateau",
    "Repeat",
    "Rescale",
    "Reshape",
    "Residual",
    "RocAuc",
    "RootMeanSquaredError",
    "Run",
    "Scale",
    "Schedule",
    "Schema",
    "ScikitLearnTable",
    "Scratch",
    "Sequential",
    "Shuffled",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Sparse",
    "SpatialDropout",
    "SquaredHinge",
    "Standardize",
    "StepDecay",
    "Stream",
    "Tanh",
    "TensorBoard",
    "TiedDense",
    "TimeDistributed",
    "TimeLimit",
    "TopKAccuracy",
    "Trainer",
    "Transform",
    "TruncatedNormal",
    "Uniform",
    "Unstandardize",
    "UpdateContext",
    "VarianceScaling",
    "WarmUp",
    "WeightDecay",
    "Zeros",
    "elapsed",
    "folds",
    "load",
    "resume",
    "save",
    "save_checkpoint",
    "split",
]
