"""The built-in datasets."""

from layerkit.component import Component

TABLE = (
    Component(
        "digits",
        target="layerkit.datasets.digits:Digits",
        summary="1,797 handwritten digits of 8×8 pixels (UCI); part of the package.",
    ),
    Component(
        "mnist",
        target="layerkit.datasets.mnist:Mnist",
        summary="70,000 handwritten digits of 28×28 pixels, from a folder, a cache or a download.",
        cases="layerkit.testing.cases.datasets:MNIST",
    ),
    Component(
        "npz",
        target="layerkit.datasets.npz_file:NpzFile",
        summary="Arrays in a NumPy .npz file.",
        cases="layerkit.testing.cases.datasets:NPZ",
    ),
    Component(
        "csv",
        target="layerkit.datasets.csv_file:CsvFile",
        summary="Rows of numbers in a .csv file.",
        cases="layerkit.testing.cases.datasets:CSV",
    ),
)
