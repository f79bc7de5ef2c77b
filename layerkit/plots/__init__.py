"""Pictures, one a file: each takes the ``Axes`` to draw on, and gives it back. They need the extra ``plot``."""

from typing import TYPE_CHECKING

from layerkit.lazy import lazily

if TYPE_CHECKING:
    from layerkit.plots.calibration import calibration_curve as calibration_curve
    from layerkit.plots.confusion_picture import confusion_matrix as confusion_matrix
    from layerkit.plots.drawing import rendered as rendered
    from layerkit.plots.drawing import save as save
    from layerkit.plots.layer_distributions import distributions as distributions
    from layerkit.plots.network_diagram import diagram as diagram
    from layerkit.plots.operating_curves import precision_recall_curve as precision_recall_curve
    from layerkit.plots.operating_curves import roc_curve as roc_curve
    from layerkit.plots.regions import decision_regions as decision_regions
    from layerkit.plots.run_curves import learning_curves as learning_curves
    from layerkit.plots.schedule_curve import schedule as schedule
    from layerkit.plots.weight_images import weights as weights
    from layerkit.plots.wrong_images import most_wrong as most_wrong

# imported when they are first used: the package is imported without NumPy and matplotlib
_MODULES = {
    name: f"layerkit.plots.{module}"
    for module, names in {
        "calibration": ("calibration_curve",),
        "confusion_picture": ("confusion_matrix",),
        "drawing": ("rendered", "save"),
        "layer_distributions": ("distributions",),
        "network_diagram": ("diagram",),
        "operating_curves": ("precision_recall_curve", "roc_curve"),
        "regions": ("decision_regions",),
        "run_curves": ("learning_curves",),
        "schedule_curve": ("schedule",),
        "weight_images": ("weights",),
        "wrong_images": ("most_wrong",),
    }.items()
    for name in names
}
__getattr__ = lazily(__name__, _MODULES)
