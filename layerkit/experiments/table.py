"""The examples that come with layerkit."""

from layerkit.component import Component

TABLE = (
    Component(
        "xor",
        target="layerkit.experiments.builtin_examples:XOR",
        summary="Exclusive or, by a network of 2-4-1 sigmoid units.",
    ),
    Component(
        "digits",
        target="layerkit.experiments.builtin_examples:DIGITS",
        summary="Handwritten digits of 8×8 pixels, by the assignment's method; needs no network connection.",
    ),
    Component(
        "moons",
        target="layerkit.experiments.builtin_examples:MOONS",
        summary="Two interlocking half circles told apart: binary cross-entropy, F1 and ROC AUC.",
    ),
    Component(
        "mnist",
        target="layerkit.experiments.builtin_examples:MNIST",
        summary="MNIST by the assignment's network, 784-8-8-10: sigmoid, quadratic cost, plain gradient descent.",
    ),
    Component(
        "mnist-better",
        target="layerkit.experiments.builtin_examples:MNIST_BETTER",
        summary="MNIST by 784-256-10 with ReLU, dropout, cross-entropy and Adam: 98 %.",
    ),
    Component(
        "mnist-gelu",
        target="layerkit.experiments.builtin_examples:MNIST_GELU",
        summary="MNIST by what a search found: two hidden layers, GELU, dropout, label smoothing, AdamW: 98.7 %.",
    ),
    Component(
        "mnist-sigmoid",
        target="layerkit.experiments.builtin_examples:MNIST_SIGMOID",
        summary="MNIST by the assignment's own kind, as far as it goes: sigmoid, quadratic cost, plain descent.",
    ),
    Component(
        "mnist-elastic",
        target="layerkit.experiments.builtin_examples:MNIST_ELASTIC",
        summary="MNIST by dense layers, with images bent anew each time that they are learned from: 99.2 %.",
    ),
    Component(
        "custom-layer",
        target="layerkit.experiments.builtin_examples:CUSTOM_LAYER",
        summary="A layer of one's own, written in the file, tells a disc from its ring.",
    ),
    Component(
        "regression", target="layerkit.experiments.builtin_examples:REGRESSION", summary="A curve out of noisy points."
    ),
    Component(
        "impedance",
        target="layerkit.experiments.builtin_examples:IMPEDANCE",
        summary="A regression in units of every size, with standardised inputs and targets.",
    ),
    Component(
        "breast-cancer",
        target="layerkit.experiments.builtin_examples:BREAST_CANCER",
        summary="A table of tumours, two classes, from scikit-learn: binary cross-entropy, F1 and ROC AUC.",
    ),
    Component(
        "wine",
        target="layerkit.experiments.builtin_examples:WINE",
        summary="A table of wines, three classes, from scikit-learn.",
    ),
    Component(
        "diabetes",
        target="layerkit.experiments.builtin_examples:DIABETES",
        summary="A table of patients, a regression, from scikit-learn.",
    ),
    Component(
        "rare-class",
        target="layerkit.experiments.builtin_examples:RARE_CLASS",
        summary="A class of which there is one example in twenty, with balanced class weights.",
    ),
)
