"""Every layer passes layerkit's conformance kit, in several settings."""

from __future__ import annotations

from layerkit_conv import AveragePool2D, Conv2D, ConvTranspose2D, GlobalAveragePool2D, GlobalMaxPool2D, MaxPool2D

from layerkit import ReLU, Softmax, Tanh
from layerkit.testing import conformance

IMAGES = [(5, 6, 2), (None, None, 2)]
WRONG = {"stride": [0, "two", (1, 2, 3)], "padding": ["some", -1, (1, 2, 3)], "kernel_size": [0, (2, 0)], "groups": [0]}
WRONG_POOLS = {"pool_size": [0, (2,)], "stride": [0, 1.5], "padding": ["some", -1, 2]}

test_conv2d = conformance(
    Conv2D,
    arguments={"filters": 4, "kernel_size": 3, "stride": (2, 1), "padding": 1, "groups": 2, "activation": Tanh()},
    bad_arguments={**WRONG, "filters": [0, 3], "dilation": [0]},
    input_shapes=IMAGES,
)
test_conv2d_over_classes = conformance(
    Conv2D,
    arguments={"filters": 3, "kernel_size": (2, 3), "padding": "same", "dilation": 2, "activation": Softmax()},
    input_shapes=[(5, 6, 2)],
)
test_pointwise_conv2d = conformance(
    Conv2D, arguments={"filters": 3, "kernel_size": 1, "use_bias": False}, input_shapes=[(4, 3, 2)]
)
test_conv_transpose2d = conformance(
    ConvTranspose2D,
    arguments={"filters": 4, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2},
    bad_arguments={**WRONG, "filters": [0, 3], "output_padding": [-1, 2]},
    input_shapes=[(3, 4, 2), (None, None, 2)],
)
test_conv_transpose2d_with_activation = conformance(
    ConvTranspose2D,
    arguments={"filters": 2, "kernel_size": 2, "stride": 3, "padding": "same", "activation": Tanh()},
    input_shapes=[(3, 2, 2)],
)
test_max_pool2d = conformance(
    MaxPool2D, arguments={"pool_size": 2}, bad_arguments=WRONG_POOLS, input_shapes=[(5, 6, 2), (None, None, 2)]
)
test_overlapping_max_pool2d = conformance(
    MaxPool2D, arguments={"pool_size": 3, "stride": 2, "padding": "same"}, input_shapes=[(6, 5, 2)]
)
test_average_pool2d = conformance(
    AveragePool2D,
    arguments={"pool_size": 2, "stride": 1, "padding": 1, "count_include_pad": False},
    bad_arguments={**WRONG_POOLS, "count_include_pad": [None, 1]},
    input_shapes=IMAGES,
)
test_global_average_pool2d = conformance(GlobalAveragePool2D, input_shapes=IMAGES)
test_global_max_pool2d = conformance(GlobalMaxPool2D, input_shapes=IMAGES)
# a rectifier has no derivative at 0, where the first bias is, so it is checked in an order of its own
test_conv2d_with_relu = conformance(
    Conv2D, arguments={"filters": 3, "kernel_size": 3, "activation": ReLU()}, input_shapes=[(5, 4, 2)]
)
