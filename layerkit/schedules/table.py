"""The built-in schedules."""

from layerkit.component import Component

TABLE = (
    Component(
        "constant",
        target="layerkit.schedules.constant:ConstantRate",
        summary="The same learning rate at every step.",
        cases="layerkit.testing.cases.schedules:CONSTANT",
    ),
    Component(
        "step",
        target="layerkit.schedules.step:StepDecay",
        summary="A learning rate that is multiplied by a factor at regular intervals.",
        cases="layerkit.testing.cases.schedules:STEP",
    ),
    Component(
        "cosine",
        target="layerkit.schedules.cosine:CosineDecay",
        summary="A learning rate that falls along half a cosine.",
        cases="layerkit.testing.cases.schedules:COSINE",
    ),
)
