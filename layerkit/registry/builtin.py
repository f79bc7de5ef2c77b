"""The built-in components, announced through the same hooks as everybody else's."""

from __future__ import annotations

from layerkit.component import Component
from layerkit.registry.specification import hookimpl

layerkit_api = (1, 0)


@hookimpl
def layerkit_layers() -> list[Component]:
    """Layers that are neither activations nor containers of one's own."""
    return [
        Component(
            "dense",
            target="layerkit.layers.dense:Dense",
            summary="Every output is a weighted sum of every input, plus a bias.",
        ),
        Component(
            "flatten", target="layerkit.layers.flatten:Flatten", summary="Turns each example into one flat vector."
        ),
        Component(
            "reshape",
            target="layerkit.layers.reshape:Reshape",
            summary="Gives each example another shape with as many values.",
        ),
        Component(
            "dropout",
            target="layerkit.layers.dropout:Dropout",
            summary="Sets random values to zero in training, and keeps the mean.",
        ),
        Component(
            "batch-normalization",
            target="layerkit.layers.batch_normalization:BatchNormalization",
            summary="Gives each feature mean 0 and variance 1 over the batch, then a learned scale and shift.",
        ),
        Component(
            "residual", target="layerkit.layers.residual:Residual", summary="Adds a layer's output to its input."
        ),
        Component(
            "rescale",
            target="layerkit.layers.rescale:Rescale",
            summary="Scales and shifts numbers, such as the bytes of an image to 0 … 1.",
        ),
        Component(
            "sequential",
            target="layerkit.models.sequential:Sequential",
            summary="Layers one after another; itself a layer.",
        ),
    ]


@hookimpl
def layerkit_activations() -> list[Component]:
    """Activations: layers that keep the shape and have no parameters."""
    return [
        Component(
            "sigmoid", target="layerkit.activations.sigmoid:Sigmoid", summary="1 / (1 + exp(−z)): between 0 and 1."
        ),
        Component("tanh", target="layerkit.activations.tanh:Tanh", summary="The hyperbolic tangent: between −1 and 1."),
        Component("relu", target="layerkit.activations.relu:ReLU", summary="max(z, 0)."),
        Component(
            "softmax",
            target="layerkit.activations.softmax:Softmax",
            summary="Positive values that sum to 1 along the last axis.",
        ),
        Component("identity", target="layerkit.activations.identity:Identity", summary="Leaves its input as it is."),
    ]


@hookimpl
def layerkit_costs() -> list[Component]:
    """Costs."""
    return [
        Component(
            "quadratic",
            target="layerkit.costs.quadratic:Quadratic",
            summary="Half the squared distance between prediction and target.",
        ),
        Component(
            "cross-entropy",
            target="layerkit.costs.cross_entropy:CrossEntropy",
            summary="Softmax cross-entropy on logits.",
        ),
    ]


@hookimpl
def layerkit_optimizers() -> list[Component]:
    """Optimizers."""
    return [
        Component(
            "gradient-descent",
            target="layerkit.optimizers.gradient_descent:GradientDescent",
            summary="A step against the gradient, with momentum if wanted.",
        ),
        Component(
            "adam", target="layerkit.optimizers.adam:Adam", summary="Steps scaled by running moments of the gradient."
        ),
    ]


@hookimpl
def layerkit_transforms() -> list[Component]:
    """Transforms of the gradient or the parameters around an optimizer's update."""
    return [
        Component(
            "clip-norm",
            target="layerkit.transforms.clip_norm:ClipNorm",
            summary="Shortens a gradient that is longer than a limit.",
        ),
        Component(
            "weight-decay",
            target="layerkit.transforms.weight_decay:WeightDecay",
            summary="Pulls the weights towards zero.",
        ),
    ]


@hookimpl
def layerkit_schedules() -> list[Component]:
    """Schedules of the learning rate."""
    return [
        Component(
            "constant",
            target="layerkit.schedules.constant:ConstantRate",
            summary="The same learning rate at every step.",
        ),
        Component(
            "step",
            target="layerkit.schedules.step:StepDecay",
            summary="A learning rate that is multiplied by a factor at regular intervals.",
        ),
        Component(
            "cosine",
            target="layerkit.schedules.cosine:CosineDecay",
            summary="A learning rate that falls along half a cosine.",
        ),
    ]


@hookimpl
def layerkit_initializers() -> list[Component]:
    """Initializers of parameters."""
    return [
        Component(
            "glorot",
            target="layerkit.initializers.glorot:Glorot",
            summary="Variance 2 / (fan in + fan out): keeps signals and gradients in size; the default.",
        ),
        Component("he", target="layerkit.initializers.he:He", summary="Variance 2 / fan in, for ReLU."),
        Component(
            "normal", target="layerkit.initializers.normal:Normal", summary="Normally distributed; N(0, 1) by default."
        ),
        Component("zeros", target="layerkit.initializers.zeros:Zeros", summary="Zero everywhere."),
        Component("constant", target="layerkit.initializers.constant:Constant", summary="One value everywhere."),
    ]


@hookimpl
def layerkit_metrics() -> list[Component]:
    """Metrics."""
    return [
        Component(
            "accuracy",
            target="layerkit.metrics.accuracy:Accuracy",
            summary="The share of examples whose class is right.",
        ),
        Component(
            "mean-squared-error",
            target="layerkit.metrics.mean_squared_error:MeanSquaredError",
            summary="The mean of the squared errors.",
        ),
    ]


@hookimpl
def layerkit_callbacks() -> list[Component]:
    """Callbacks."""
    return [
        Component(
            "early-stopping",
            target="layerkit.callbacks.early_stopping:EarlyStopping",
            summary="Ends a fit when a measure has not improved for some epochs.",
        ),
        Component(
            "csv-log", target="layerkit.callbacks.csv_log:CsvLog", summary="The history as a table, a line an epoch."
        ),
        Component(
            "json-lines",
            target="layerkit.callbacks.json_lines:JsonLines",
            summary="The history as lines of JSON, one an epoch.",
        ),
    ]


@hookimpl
def layerkit_datasets() -> list[Component]:
    """Datasets."""
    return [
        Component(
            "digits",
            target="layerkit.datasets.digits:Digits",
            summary="1,797 handwritten digits of 8×8 pixels (UCI); part of the package.",
        ),
        Component(
            "mnist",
            target="layerkit.datasets.mnist:Mnist",
            summary="70,000 handwritten digits of 28×28 pixels, from a folder, a cache or a download.",
        ),
        Component(
            "idx",
            target="layerkit.datasets.idx_files:IdxFiles",
            summary="Images and labels in IDX files: EMNIST, Fashion-MNIST, KMNIST, QMNIST.",
        ),
        Component("npz", target="layerkit.datasets.npz_file:NpzFile", summary="Arrays in a NumPy .npz file."),
        Component("csv", target="layerkit.datasets.csv_file:CsvFile", summary="Rows of numbers in a .csv file."),
    ]


@hookimpl
def layerkit_engines() -> list[Component]:
    """Engines."""
    return [
        Component(
            "numpy",
            target="layerkit.engines.numpy_engine:NumpyEngine",
            summary="Runs everything, step by step, in NumPy; the reference and the default.",
        )
    ]


@hookimpl
def layerkit_examples() -> list[Component]:
    """Examples for ``layerkit run``."""
    place = "layerkit.experiments.examples"
    return [
        Component("xor", target=f"{place}:XOR", summary="Exclusive or, by a network of 2-4-1 sigmoid units."),
        Component(
            "digits",
            target=f"{place}:DIGITS",
            summary="Handwritten digits of 8×8 pixels, by the assignment's method; needs no network connection.",
        ),
        Component(
            "mnist",
            target=f"{place}:MNIST",
            summary="MNIST by the assignment's network, 784-8-8-10: sigmoid, quadratic cost, plain gradient descent.",
        ),
        Component(
            "mnist-better",
            target=f"{place}:MNIST_BETTER",
            summary="MNIST by 784-256-10 with ReLU, dropout, cross-entropy and Adam: 98 %.",
        ),
        Component(
            "custom-layer",
            target=f"{place}:CUSTOM_LAYER",
            summary="A layer of one's own, written in the file, tells a disc from its ring.",
        ),
        Component("regression", target=f"{place}:REGRESSION", summary="A curve out of noisy points."),
    ]
