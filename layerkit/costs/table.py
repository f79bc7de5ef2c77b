"""The built-in costs."""

from layerkit.component import Component

TABLE = (
    Component(
        "quadratic",
        target="layerkit.costs.quadratic:Quadratic",
        summary="Half the squared distance between prediction and target.",
        cases="layerkit.testing.cases.costs:QUADRATIC",
    ),
    Component(
        "cross-entropy",
        target="layerkit.costs.cross_entropy:CrossEntropy",
        summary="Softmax cross-entropy on logits.",
        cases="layerkit.testing.cases.costs:CROSS_ENTROPY",
    ),
    Component(
        "binary-cross-entropy",
        target="layerkit.costs.binary_cross_entropy:BinaryCrossEntropy",
        summary="Sigmoid cross-entropy on logits, for two classes or several labels.",
        cases="layerkit.testing.cases.costs:BINARY_CROSS_ENTROPY",
    ),
)
