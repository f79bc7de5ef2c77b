"""The built-in transforms."""

from layerkit.component import Component

TABLE = (
    Component(
        "clip-norm",
        target="layerkit.transforms.clip_norm:ClipNorm",
        summary="Shortens a gradient that is longer than a limit.",
        cases="layerkit.testing.cases.transforms:CLIP_NORM",
    ),
    Component(
        "weight-decay",
        target="layerkit.transforms.weight_decay:WeightDecay",
        summary="Pulls the weights towards zero.",
        cases="layerkit.testing.cases.transforms:WEIGHT_DECAY",
    ),
    Component(
        "centered-gradient",
        target="layerkit.transforms.centered_gradient:CenteredGradient",
        summary="Takes the mean off the gradient of each unit's weights.",
        cases="layerkit.testing.cases.transforms:CENTERED_GRADIENT",
    ),
    Component(
        "clip-value",
        target="layerkit.transforms.clip_value:ClipValue",
        summary="Bounds each number of a gradient.",
        cases="layerkit.testing.cases.transforms:CLIP_VALUE",
    ),
    Component(
        "exponential-average",
        target="layerkit.transforms.exponential_average:ExponentialAverage",
        summary="The model has an average of its weights over the last updates.",
        cases="layerkit.testing.cases.transforms:EXPONENTIAL_AVERAGE",
    ),
    Component(
        "gradient-noise",
        target="layerkit.transforms.gradient_noise:GradientNoise",
        summary="Adds normal noise that falls from step to step.",
        cases="layerkit.testing.cases.transforms:GRADIENT_NOISE",
    ),
    Component(
        "l1-penalty",
        target="layerkit.transforms.l1_penalty:L1Penalty",
        summary="Adds the gradient of a penalty on the sizes of weights.",
        cases="layerkit.testing.cases.transforms:L1_PENALTY",
    ),
    Component(
        "l2-penalty",
        target="layerkit.transforms.l2_penalty:L2Penalty",
        summary="Adds the gradient of a penalty on the squares of weights.",
        cases="layerkit.testing.cases.transforms:L2_PENALTY",
    ),
    Component(
        "lookahead",
        target="layerkit.transforms.lookahead:Lookahead",
        summary="Slow weights that follow the fast ones.",
        cases="layerkit.testing.cases.transforms:LOOKAHEAD",
    ),
    Component(
        "max-norm",
        target="layerkit.transforms.max_norm:MaxNorm",
        summary="Shortens the weights of a unit that are longer than a limit.",
        cases="layerkit.testing.cases.transforms:MAX_NORM",
    ),
)
