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
    Component(
        "cosine-restarts",
        target="layerkit.schedules.cosine_restarts:CosineRestarts",
        summary="A learning rate that falls along half a cosine again and again.",
        cases="layerkit.testing.cases.schedules:COSINE_RESTARTS",
    ),
    Component(
        "exponential",
        target="layerkit.schedules.exponential:ExponentialDecay",
        summary="A learning rate that falls exponentially.",
        cases="layerkit.testing.cases.schedules:EXPONENTIAL",
    ),
    Component(
        "inverse-square-root",
        target="layerkit.schedules.inverse_square_root:InverseSquareRoot",
        summary="A learning rate that falls as one over the square root of time.",
        cases="layerkit.testing.cases.schedules:INVERSE_SQUARE_ROOT",
    ),
    Component(
        "one-cycle",
        target="layerkit.schedules.one_cycle:OneCycle",
        summary="A learning rate that rises once and falls once.",
        cases="layerkit.testing.cases.schedules:ONE_CYCLE",
    ),
    Component(
        "piecewise",
        target="layerkit.schedules.piecewise:Piecewise",
        summary="A learning rate that is told for each stretch of training.",
        cases="layerkit.testing.cases.schedules:PIECEWISE",
    ),
    Component(
        "polynomial",
        target="layerkit.schedules.polynomial:PolynomialDecay",
        summary="A learning rate that falls along a power, or a straight line.",
        cases="layerkit.testing.cases.schedules:POLYNOMIAL",
    ),
    Component(
        "warm-up",
        target="layerkit.schedules.warm_up:WarmUp",
        summary="A rising beginning in front of any learning rate.",
        cases="layerkit.testing.cases.schedules:WARM_UP",
    ),
)
