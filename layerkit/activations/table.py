"""The built-in activations."""

from layerkit.component import Component

TABLE = (
    Component("sigmoid", target="layerkit.activations.sigmoid:Sigmoid", summary="1 / (1 + exp(−z)): between 0 and 1."),
    Component("tanh", target="layerkit.activations.tanh:Tanh", summary="The hyperbolic tangent: between −1 and 1."),
    Component("relu", target="layerkit.activations.relu:ReLU", summary="max(z, 0)."),
    Component(
        "softmax",
        target="layerkit.activations.softmax:Softmax",
        summary="Positive values that sum to 1 along the last axis.",
    ),
    Component(
        "unstandardize",
        target="layerkit.activations.unstandardize:Unstandardize",
        summary="Brings standardised numbers back to their own mean and deviation; the readout of scaled targets.",
        cases="layerkit.testing.cases.activations:UNSTANDARDIZE",
    ),
    Component("identity", target="layerkit.activations.identity:Identity", summary="Leaves its input as it is."),
)
