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
        "binary-accuracy",
        target="layerkit.metrics.binary_accuracy:BinaryAccuracy",
        summary="The share of yes-or-no answers, or labels, that are right.",
        cases="layerkit.testing.cases.metrics:BINARY_ACCURACY",
    ),
    Component(
        "precision",
        target="layerkit.metrics.precision:Precision",
        summary="How much of what is predicted to be of a class is of it.",
        cases="layerkit.testing.cases.metrics:CLASS_SCORE",
    ),
    Component(
        "recall",
        target="layerkit.metrics.recall:Recall",
        summary="How much of a class is found.",
        cases="layerkit.testing.cases.metrics:CLASS_SCORE",
    ),
    Component(
        "f1",
        target="layerkit.metrics.f1:F1",
        summary="The harmonic mean of precision and recall.",
        cases="layerkit.testing.cases.metrics:CLASS_SCORE",
    ),
    Component(
        "roc-auc",
        target="layerkit.metrics.roc_auc:RocAuc",
        summary="The area under the ROC curve.",
        cases="layerkit.testing.cases.metrics:ROC_AUC",
    ),
    Component(
        "mean-squared-error",
        target="layerkit.metrics.mean_squared_error:MeanSquaredError",
        summary="The mean of the squared errors.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
)
