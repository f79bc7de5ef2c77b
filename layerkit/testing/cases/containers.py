"""The cases of the layers that hold or join others."""

from __future__ import annotations

from layerkit.activations.sigmoid import Sigmoid
from layerkit.activations.tanh import Tanh
from layerkit.layers.add import Add
from layerkit.layers.average import Average
from layerkit.layers.batch_normalization import BatchNormalization
from layerkit.layers.concatenate import Concatenate
from layerkit.layers.dense import Dense
from layerkit.layers.dropout import Dropout
from layerkit.layers.embedding import Embedding
from layerkit.layers.flatten import Flatten
from layerkit.layers.multiply import Multiply
from layerkit.layers.rescale import Rescale
from layerkit.layers.residual import Residual
from layerkit.layers.time_distributed import TimeDistributed
from layerkit.models.sequential import Sequential
from layerkit.testing.case import Cases

ADD: Cases = ({"input_shapes": [((4,), (4,)), ((2, 3), (2, 3), (2, 3)), ((None, 2), (None, 2))]},)
AVERAGE = ADD
MULTIPLY = ADD
CONCATENATE: Cases = (
    {
        "bad_arguments": {"axis": [0, 1.5]},
        "input_shapes": [((4,), (2,)), ((2, 3), (2, 1), (2, 3)), ((None, 2), (None, 3))],
    },
    {"arguments": {"axis": 1}, "input_shapes": [((4,), (2,)), ((2, 3), (1, 3)), ((None, 2), (None, 2))]},
)
PARALLEL: Cases = (
    {
        "arguments": {"branches": [Dense(3), Sequential([Dense(5, activation=Tanh()), Dense(2)])]},
        "bad_arguments": {"branches": [[], [Dense(3)], {"a.b": Dense(3), "c": Dense(3)}], "join": ["add"]},
        "input_shapes": [(4,), (2, 3), (None, 3)],
    },
    {
        "arguments": {
            "branches": {"left": Sequential([Dense(3), BatchNormalization()]), "right": Dropout(0.3)},
            "join": Multiply(),
        },
        "input_shapes": [((4,), (3,)), ((2, 4), (2, 3))],
    },
    {"arguments": {"branches": (Dense(3, activation=Tanh()), Dense(3), Dense(3)), "join": Average()}},
)
REPEAT: Cases = (
    {
        "arguments": {"layer": Sequential([Dropout(0.3), Dense(4)]), "times": 3},
        "bad_arguments": {"layer": ["dense"], "times": [0, 1.5, 10_000], "tied": [1]},
        "input_shapes": [(3,), (2, 3)],
    },
    {"arguments": {"layer": Residual(Dense(4, activation=Tanh())), "times": 2, "tied": True}, "input_shapes": [(4,)]},
)
TIME_DISTRIBUTED: Cases = (
    {
        "arguments": {"layer": Sequential([Flatten(), Dense(3, activation=Tanh())])},
        "bad_arguments": {"layer": ["dense"]},
        "input_shapes": [(3, 2, 2), (None, 4)],
    },
    {"arguments": {"layer": BatchNormalization()}, "input_shapes": [(3, 4), (None, 2)]},
    {"arguments": {"layer": Rescale(0.5)}, "input_shapes": [(3, 4), (3,)]},
)
BIDIRECTIONAL: Cases = (
    {
        "arguments": {"layer": Dense(3, activation=Tanh())},
        "bad_arguments": {"layer": ["dense"], "join": ["add"]},
        "input_shapes": [(3, 2), (None, 4)],
    },
    {"arguments": {"layer": TimeDistributed(Dense(3)), "join": Add()}, "input_shapes": [(3, 2), (None, 4)]},
    {"arguments": {"layer": Flatten(), "join": Multiply()}, "input_shapes": [(3, 2)]},
)
TIED_DENSE: Cases = (
    {
        "arguments": {"layer": Embedding(5, 4)},
        "bad_arguments": {"layer": [BatchNormalization(), "dense"], "units": [0, 4, 1.5], "activation": ["tanh"]},
        "input_shapes": [(4,), (2, 4), (None, 4)],
    },
    {
        "arguments": {"layer": Dense(4, activation=Tanh()), "units": 6, "activation": Sigmoid()},
        "input_shapes": [(4,), (2, 4)],
    },
    {"arguments": {"layer": Dense(4), "units": 3, "use_bias": False}, "input_shapes": [(4,)]},
)
GRAPH: Cases = (
    {
        "arguments": {
            "nodes": {
                "hidden": (Dense(4, activation=Tanh()), "input"),
                "gate": (Dense(4, activation=Sigmoid()), "hidden"),
                "gated": (Multiply(), "hidden", "gate"),
                "skipped": (Add(), "gated", "hidden"),
                "output": (Dense(3), "skipped"),
            }
        },
        "bad_arguments": {
            "nodes": [
                {},
                {"a": Dense(3)},
                {"a": (Dense(3), "b")},
                {"a": (Dense(3), "b"), "b": (Dense(3), "a")},
                {"a": (Dense(3), "input"), "b": (Dense(3), "input")},
                {"input": (Dense(3), "input")},
                {"a.b": (Dense(3), "input")},
            ],
            "inputs": [(), "input", ("input", "input"), ("input", "other")],
            "output": ["hiden", 3],
        },
        "input_shapes": [(4,), (2, 3), (None, 3)],
    },
    {
        "arguments": {
            "nodes": {
                "joined": (Concatenate(), "b", "a", "x"),
                "a": (Dense(3, activation=Tanh()), "x"),
                "b": (Dense(2), "y"),
                "dropped": (Dropout(0.3), "joined"),
            },
            "inputs": ["x", "y"],
            "output": "dropped",
        },
        "input_shapes": [((4,), (4,)), ((None, 2), (None, 2))],
    },
    {
        "arguments": {
            "nodes": {
                "scaled": (Rescale(0.5), "bytes"),
                "known": (Dense(2), "numbers"),
                "joined": (Concatenate(), "scaled", "known"),
            },
            "inputs": ("bytes", "numbers"),
        },
        "input_shapes": [((4,), (3,))],
    },
)
