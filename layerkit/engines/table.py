"""The built-in engines."""

from layerkit.component import Component

TABLE = (
    Component(
        "numpy",
        target="layerkit.engines.numpy_engine:NumpyEngine",
        summary="Runs everything, step by step, in NumPy; the reference and the default.",
    ),
)
