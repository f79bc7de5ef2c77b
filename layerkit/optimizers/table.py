"""The built-in optimizers."""

from layerkit.component import Component

TABLE = (
    Component(
        "gradient-descent",
        target="layerkit.optimizers.gradient_descent:GradientDescent",
        summary="A step against the gradient, with momentum if wanted.",
        cases="layerkit.testing.cases.optimizers:GRADIENT_DESCENT",
    ),
    Component(
        "adam",
        target="layerkit.optimizers.adam:Adam",
        summary="Steps scaled by running moments of the gradient.",
        cases="layerkit.testing.cases.optimizers:ADAM",
    ),
)
