"""Pictures, one a file: each takes the ``Axes`` to draw on, and gives it back. They need the extra ``plot``."""

from layerkit.lazy import lazily

_MODULES = {
    name: f"layerkit.plots.{module}"
    for module, names in {
        "calibration": ("calibration_curve",),
        "confusion_picture": ("confusion_matrix",),
        "network_diagram": ("diagram",),
        "layer_distributions": ("distributions",),
        "drawing": ("rendered", "save"),
        "run_curves": ("learning_curves",),
        "wrong_images": ("most_wrong",),
        "operating_curves": ("precision_recall_curve", "roc_curve"),
        "regions": ("decision_regions",),
        "schedule_curve": ("schedule",),
        "weight_images": ("weights",),
    }.items()
    for name in names
}
__getattr__ = lazily(__name__, _MODULES)
