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
    Component(
        "identity-matrix",
        target="layerkit.initializers.identity_matrix:IdentityMatrix",
        summary="Passes on what comes in.",
        cases="layerkit.testing.cases.initializers:IDENTITY_MATRIX",
    ),
    Component(
        "lecun",
        target="layerkit.initializers.lecun:LeCun",
        summary="Variance 1 / fan in, for tanh and SELU.",
        cases="layerkit.testing.cases.initializers:LECUN",
    ),
    Component(
        "orthogonal",
        target="layerkit.initializers.orthogonal:Orthogonal",
        summary="Square blocks that keep lengths: for weights that are applied at every step.",
        cases="layerkit.testing.cases.initializers:ORTHOGONAL",
    ),
    Component(
        "sparse",
        target="layerkit.initializers.sparse:Sparse",
        summary="Most weights of a unit are 0.",
        cases="layerkit.testing.cases.initializers:SPARSE",
    ),
    Component(
        "truncated-normal",
        target="layerkit.initializers.truncated_normal:TruncatedNormal",
        summary="Normally distributed, without far values.",
        cases="layerkit.testing.cases.initializers:TRUNCATED_NORMAL",
    ),
    Component(
        "uniform",
        target="layerkit.initializers.uniform:Uniform",
        summary="Uniform between two numbers.",
        cases="layerkit.testing.cases.initializers:UNIFORM",
    ),
    Component(
        "variance-scaling",
        target="layerkit.initializers.variance_scaling:VarianceScaling",
        summary="Variance scale / fan, of a distribution of choice.",
        cases="layerkit.testing.cases.initializers:VARIANCE_SCALING",
    ),
)
