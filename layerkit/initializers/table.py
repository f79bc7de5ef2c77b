"""The built-in initializers."""

from layerkit.component import Component

TABLE = (
    Component(
        "glorot",
        target="layerkit.initializers.glorot:Glorot",
        summary="Variance 2 / (fan in + fan out): keeps signals and gradients in size; the default.",
        cases="layerkit.testing.cases.initializers:GLOROT",
    ),
    Component(
        "he",
        target="layerkit.initializers.he:He",
        summary="Variance 2 / fan in, for ReLU.",
        cases="layerkit.testing.cases.initializers:HE",
    ),
    Component(
        "normal",
        target="layerkit.initializers.normal:Normal",
        summary="Normally distributed; N(0, 1) by default.",
        cases="layerkit.testing.cases.initializers:NORMAL",
    ),
    Component(
        "zeros",
        target="layerkit.initializers.zeros:Zeros",
        summary="Zero everywhere.",
        cases="layerkit.testing.cases.initializers:ZEROS",
    ),
    Component(
        "constant",
        target="layerkit.initializers.constant:Constant",
        summary="One value everywhere.",
        cases="layerkit.testing.cases.initializers:CONSTANT",
    ),
)
