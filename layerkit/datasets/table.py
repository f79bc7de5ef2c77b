"""The built-in datasets."""

from layerkit.component import Component

TABLE = (
    Component(
        "augmented",
        target="layerkit.datasets.augmented:Augmented",
        summary="Another set, whose images are changed at random each time that they are learned from.",
        cases="layerkit.testing.cases.datasets:AUGMENTED",
    ),
    Component(
        "digits",
        target="layerkit.datasets.digits:Digits",
        summary="1,797 handwritten digits of 8×8 pixels (UCI); part of the package.",
    ),
    Component(
        "moons",
        target="layerkit.datasets.moons:Moons",
        summary="Points of two half circles that interlock: two classes, generated.",
        cases="layerkit.testing.cases.datasets:MOONS",
    ),
    Component(
        "mnist",
        target="layerkit.datasets.mnist:Mnist",
        summary="70,000 handwritten digits of 28×28 pixels, from a folder, a cache or a download.",
        cases="layerkit.testing.cases.datasets:MNIST",
    ),
    Component(
        "idx",
        target="layerkit.datasets.idx_files:IdxFiles",
        summary="Images and labels in IDX files: EMNIST, Fashion-MNIST, KMNIST, QMNIST.",
        cases="layerkit.testing.cases.datasets:IDX",
    ),
    Component(
        "images",
        target="layerkit.datasets.image_folder:ImageFolder",
        summary="Images in folders, one a class.",
        cases="layerkit.testing.cases.datasets:IMAGES",
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
        summary="A table in a .csv file.",
        cases="layerkit.testing.cases.datasets:CSV",
    ),
    Component(
        "friedman",
        target="layerkit.datasets.friedman:Friedman",
        summary="A drawn regression: impedances out of four features of very different sizes.",
        cases="layerkit.testing.cases.datasets:FRIEDMAN",
    ),
    Component(
        "balanced",
        target="layerkit.datasets.balanced:Balanced",
        summary="Another set, of which every class is drawn equally often.",
        cases="layerkit.testing.cases.datasets:BALANCED",
    ),
    Component(
        "blobs",
        target="layerkit.datasets.blobs:Blobs",
        summary="A drawn classification: points around centres, as many of each class as are asked for.",
        cases="layerkit.testing.cases.datasets:BLOBS",
    ),
    Component(
        "scikit-learn",
        target="layerkit.datasets.scikit_learn_table:ScikitLearnTable",
        summary="Small tables that come with scikit-learn: breast cancer, diabetes, iris, wine.",
        cases="layerkit.testing.cases.datasets:SCIKIT_LEARN",
    ),
)
