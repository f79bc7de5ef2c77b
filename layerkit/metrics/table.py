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
        "balanced-accuracy",
        target="layerkit.metrics.balanced_accuracy:BalancedAccuracy",
        summary="The mean recall of the classes that are there.",
        cases="layerkit.testing.cases.metrics:EXCLUSIVE_SCORE",
    ),
    Component(
        "top-k-accuracy",
        target="layerkit.metrics.top_k_accuracy:TopKAccuracy",
        summary="The share of examples whose class is among the k likeliest.",
        cases="layerkit.testing.cases.metrics:TOP_K",
    ),
    Component(
        "matthews-correlation",
        target="layerkit.metrics.matthews_correlation:MatthewsCorrelation",
        summary="The correlation of predicted and true classes.",
        cases="layerkit.testing.cases.metrics:EXCLUSIVE_SCORE",
    ),
    Component(
        "confusion-matrix",
        target="layerkit.metrics.confusion_matrix:ConfusionMatrix",
        summary="What is taken for what, as a table.",
        cases="layerkit.testing.cases.metrics:CONFUSION",
    ),
    Component(
        "log-loss",
        target="layerkit.metrics.log_loss:LogLoss",
        summary="Minus the mean logarithm of the probability of what is true.",
        cases="layerkit.testing.cases.metrics:PROBABILITIES",
    ),
    Component(
        "brier-score",
        target="layerkit.metrics.brier_score:BrierScore",
        summary="The mean squared error of probabilities.",
        cases="layerkit.testing.cases.metrics:PROBABILITIES",
    ),
    Component(
        "calibration-error",
        target="layerkit.metrics.calibration_error:CalibrationError",
        summary="How far probabilities are from how often they come true.",
        cases="layerkit.testing.cases.metrics:CALIBRATION",
    ),
    Component(
        "r2",
        target="layerkit.metrics.r2:R2",
        summary="The share of the targets' variance that is explained.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
    Component(
        "mean-absolute-error",
        target="layerkit.metrics.mean_absolute_error:MeanAbsoluteError",
        summary="The mean of the absolute errors.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
    Component(
        "root-mean-squared-error",
        target="layerkit.metrics.root_mean_squared_error:RootMeanSquaredError",
        summary="The root of the mean of the squared errors.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
    Component(
        "mean-squared-error",
        target="layerkit.metrics.mean_squared_error:MeanSquaredError",
        summary="The mean of the squared errors.",
        cases="layerkit.testing.cases.metrics:MEAN_SQUARED_ERROR",
    ),
)
