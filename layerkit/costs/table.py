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
)
