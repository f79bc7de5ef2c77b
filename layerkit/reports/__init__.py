"""Reports of runs and models: one page each, which needs nothing else. They need the extra ``report``."""

from layerkit.lazy import lazily

_MODULES = {
    "Report": "layerkit.reports.report",
    "report_of_model": "layerkit.reports.of_model",
    "report_of_session": "layerkit.reports.of_session",
}
__getattr__ = lazily(__name__, _MODULES)
