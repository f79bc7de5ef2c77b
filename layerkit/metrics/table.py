"""The built-in metrics."""

from layerkit.component import Component

TABLE = (
    Component(
        "accuracy",
        target="layerkit.metrics.accuracy:Accuracy",
        summary="The share of examples whose class is right.",
        cases="layerkit.testing.cases.metrics:ACCURACY",
    ),
    Component(
        "mean-squared-error",
        target="layerkit.metrics.mean_squared_error:MeanSquaredError",
        summary="The mean of the squared errors.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
)
