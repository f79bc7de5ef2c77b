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
)
