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
        "absolute-error",
        target="layerkit.costs.absolute_error:AbsoluteError",
        summary="The distance between prediction and target: the median.",
        cases="layerkit.testing.cases.costs:ABSOLUTE_ERROR",
    ),
    Component(
        "huber",
        target="layerkit.costs.huber:Huber",
        summary="Quadratic near the target, absolute far off.",
        cases="layerkit.testing.cases.costs:HUBER",
    ),
    Component(
        "log-cosh",
        target="layerkit.costs.log_cosh:LogCosh",
        summary="log cosh of the difference: a smooth Huber.",
        cases="layerkit.testing.cases.costs:LOG_COSH",
    ),
    Component(
        "quantile",
        target="layerkit.costs.quantile:Quantile",
        summary="The pinball, for one quantile or several of each target.",
        cases="layerkit.testing.cases.costs:QUANTILE",
    ),
    Component(
        "poisson",
        target="layerkit.costs.poisson:Poisson",
        summary="Counts, from the logarithm of their expectation.",
        cases="layerkit.testing.cases.costs:POISSON",
    ),
    Component(
        "cosine-similarity",
        target="layerkit.costs.cosine_similarity:CosineSimilarity",
        summary="1 minus the cosine between prediction and target.",
        cases="layerkit.testing.cases.costs:COSINE_SIMILARITY",
    ),
    Component(
        "cross-entropy",
        target="layerkit.costs.cross_entropy:CrossEntropy",
        summary="Softmax cross-entropy on logits.",
        cases="layerkit.testing.cases.costs:CROSS_ENTROPY",
    ),
    Component(
        "kullback-leibler",
        target="layerkit.costs.kullback_leibler:KullbackLeibler",
        summary="Softmax divergence on logits, for targets that are distributions.",
        cases="layerkit.testing.cases.costs:KULLBACK_LEIBLER",
    ),
    Component(
        "focal",
        target="layerkit.costs.focal:Focal",
        summary="Softmax cross-entropy in which what is right already counts little.",
        cases="layerkit.testing.cases.costs:FOCAL",
    ),
    Component(
        "categorical-hinge",
        target="layerkit.costs.categorical_hinge:CategoricalHinge",
        summary="The margin between the right class and its strongest rival.",
        cases="layerkit.testing.cases.costs:CATEGORICAL_HINGE",
    ),
    Component(
        "binary-cross-entropy",
        target="layerkit.costs.binary_cross_entropy:BinaryCrossEntropy",
        summary="Sigmoid cross-entropy on logits, for two classes or several labels.",
        cases="layerkit.testing.cases.costs:BINARY_CROSS_ENTROPY",
    ),
    Component(
        "binary-focal",
        target="layerkit.costs.binary_focal:BinaryFocal",
        summary="Sigmoid cross-entropy in which what is right already counts little.",
        cases="layerkit.testing.cases.costs:BINARY_FOCAL",
    ),
    Component(
        "hinge",
        target="layerkit.costs.hinge:Hinge",
        summary="The margin of a yes or no, for two classes or several labels.",
        cases="layerkit.testing.cases.costs:HINGE",
    ),
    Component(
        "squared-hinge",
        target="layerkit.costs.squared_hinge:SquaredHinge",
        summary="The square of that margin.",
        cases="layerkit.testing.cases.costs:HINGE",
    ),
)
