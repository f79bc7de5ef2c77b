"""The built-in activations."""

from layerkit.component import Component

TABLE = (
    Component("sigmoid", target="layerkit.activations.sigmoid:Sigmoid", summary="1 / (1 + exp(−z)): between 0 and 1."),
    Component("tanh", target="layerkit.activations.tanh:Tanh", summary="The hyperbolic tangent: between −1 and 1."),
    Component("relu", target="layerkit.activations.relu:ReLU", summary="max(z, 0)."),
    Component(
        "leaky-relu",
        target="layerkit.activations.leaky_relu:LeakyReLU",
        summary="max(z, a z): a small slope below 0.",
        cases="layerkit.testing.cases.activations:LEAKY_RELU",
    ),
    Component(
        "prelu",
        target="layerkit.activations.prelu:PReLU",
        summary="A rectified linear unit whose slope below 0 is learned.",
        cases="layerkit.testing.cases.activations:PRELU",
    ),
    Component("relu6", target="layerkit.activations.relu6:ReLU6", summary="max(z, 0), and at most 6."),
    Component(
        "elu",
        target="layerkit.activations.elu:ELU",
        summary="z above 0, alpha (exp(z) − 1) below.",
        cases="layerkit.testing.cases.activations:ALPHA",
    ),
    Component(
        "celu",
        target="layerkit.activations.celu:CELU",
        summary="z above 0, alpha (exp(z / alpha) − 1) below: without a kink.",
        cases="layerkit.testing.cases.activations:ALPHA",
    ),
    Component(
        "selu",
        target="layerkit.activations.selu:SELU",
        summary="ELU, scaled so that mean 0 and variance 1 are kept from layer to layer.",
    ),
    Component(
        "gelu",
        target="layerkit.activations.gelu:GELU",
        summary="z times the normal distribution function of z, exact or by tanh.",
        cases="layerkit.testing.cases.activations:GELU",
    ),
    Component("silu", target="layerkit.activations.silu:SiLU", summary="z times its sigmoid, also called Swish."),
    Component("mish", target="layerkit.activations.mish:Mish", summary="z tanh(log(1 + exp(z)))."),
    Component(
        "softplus",
        target="layerkit.activations.softplus:Softplus",
        summary="log(1 + exp(z)): a smooth ReLU, above 0.",
    ),
    Component("softsign", target="layerkit.activations.softsign:Softsign", summary="z / (1 + |z|): between −1 and 1."),
    Component(
        "hard-sigmoid",
        target="layerkit.activations.hard_sigmoid:HardSigmoid",
        summary="A sigmoid of three straight pieces.",
    ),
    Component("hard-swish", target="layerkit.activations.hard_swish:HardSwish", summary="z times its hard sigmoid."),
    Component("hard-tanh", target="layerkit.activations.hard_tanh:HardTanh", summary="z, but between −1 and 1."),
    Component("exponential", target="layerkit.activations.exponential:Exponential", summary="exp(z): above 0."),
    Component(
        "softmax",
        target="layerkit.activations.softmax:Softmax",
        summary="Positive values that sum to 1 along the last axis.",
    ),
    Component(
        "log-softmax",
        target="layerkit.activations.log_softmax:LogSoftmax",
        summary="The logarithm of softmax, along the last axis.",
    ),
    Component(
        "unstandardize",
        target="layerkit.activations.unstandardize:Unstandardize",
        summary="Brings standardised numbers back to their own mean and deviation; the readout of scaled targets.",
        cases="layerkit.testing.cases.activations:UNSTANDARDIZE",
    ),
    Component("identity", target="layerkit.activations.identity:Identity", summary="Leaves its input as it is."),
)
