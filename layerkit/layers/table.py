"""The built-in layers."""

from layerkit.component import Component

TABLE = (
    Component(
        "dense",
        target="layerkit.layers.dense:Dense",
        summary="Every output is a weighted sum of every input, plus a bias.",
        cases="layerkit.testing.cases.layers:DENSE",
    ),
    Component(
        "flatten",
        target="layerkit.layers.flatten:Flatten",
        summary="Turns each example into one flat vector.",
        cases="layerkit.testing.cases.layers:FLATTEN",
    ),
    Component(
        "reshape",
        target="layerkit.layers.reshape:Reshape",
        summary="Gives each example another shape with as many values.",
        cases="layerkit.testing.cases.layers:RESHAPE",
    ),
    Component(
        "dropout",
        target="layerkit.layers.dropout:Dropout",
        summary="Sets random values to zero in training, and keeps the mean.",
        cases="layerkit.testing.cases.layers:DROPOUT",
    ),
    Component(
        "batch-normalization",
        target="layerkit.layers.batch_normalization:BatchNormalization",
        summary="Gives each feature mean 0 and variance 1 over the batch, then a learned scale and shift.",
        cases="layerkit.testing.cases.layers:BATCH_NORMALIZATION",
    ),
    Component(
        "residual",
        target="layerkit.layers.residual:Residual",
        summary="Adds a layer's output to its input.",
        cases="layerkit.testing.cases.layers:RESIDUAL",
    ),
    Component(
        "rescale",
        target="layerkit.layers.rescale:Rescale",
        summary="Scales and shifts numbers, such as the bytes of an image to 0 … 1.",
        cases="layerkit.testing.cases.layers:RESCALE",
    ),
    Component(
        "standardize",
        target="layerkit.layers.standardize:Standardize",
        summary="Brings each feature to mean 0 and deviation 1, learned from the data before the first step.",
        cases="layerkit.testing.cases.layers:STANDARDIZE",
    ),
    Component(
        "sequential",
        target="layerkit.models.sequential:Sequential",
        summary="Layers one after another; itself a layer.",
        cases="layerkit.testing.cases.layers:SEQUENTIAL",
    ),
    Component(
        "add",
        target="layerkit.layers.add:Add",
        summary="The sum of several inputs.",
        cases="layerkit.testing.cases.containers:ADD",
    ),
    Component(
        "average",
        target="layerkit.layers.average:Average",
        summary="The mean of several inputs.",
        cases="layerkit.testing.cases.containers:AVERAGE",
    ),
    Component(
        "concatenate",
        target="layerkit.layers.concatenate:Concatenate",
        summary="Several inputs behind one another, along an axis.",
        cases="layerkit.testing.cases.containers:CONCATENATE",
    ),
    Component(
        "multiply",
        target="layerkit.layers.multiply:Multiply",
        summary="The product of several inputs, number by number.",
        cases="layerkit.testing.cases.containers:MULTIPLY",
    ),
    Component(
        "parallel",
        target="layerkit.layers.parallel:Parallel",
        summary="Branches side by side, of one input or of several, and what joins them.",
        cases="layerkit.testing.cases.containers:PARALLEL",
    ),
    Component(
        "graph",
        target="layerkit.models.graph:Graph",
        summary="Named nodes with what they read: any acyclic network.",
        cases="layerkit.testing.cases.containers:GRAPH",
    ),
    Component(
        "repeat",
        target="layerkit.layers.repeat:Repeat",
        summary="A layer several times over: copies of it one after another, or itself.",
        cases="layerkit.testing.cases.containers:REPEAT",
    ),
    Component(
        "time-distributed",
        target="layerkit.layers.time_distributed:TimeDistributed",
        summary="A layer for each step of a sequence.",
        cases="layerkit.testing.cases.containers:TIME_DISTRIBUTED",
    ),
    Component(
        "bidirectional",
        target="layerkit.layers.bidirectional:Bidirectional",
        summary="A layer that reads sequences from both ends.",
        cases="layerkit.testing.cases.containers:BIDIRECTIONAL",
    ),
    Component(
        "tied-dense",
        target="layerkit.layers.tied_dense:TiedDense",
        summary="A dense layer with the matrix of an embedding or of another dense layer.",
        cases="layerkit.testing.cases.containers:TIED_DENSE",
    ),
    Component(
        "embedding",
        target="layerkit.layers.embedding:Embedding",
        summary="A learned vector for each token.",
        cases="layerkit.testing.cases.layers:EMBEDDING",
    ),
    Component(
        "layer-normalization",
        target="layerkit.layers.layer_normalization:LayerNormalization",
        summary="Gives each row mean 0 and variance 1 over its features, then a learned scale and shift.",
        cases="layerkit.testing.cases.layers:LAYER_NORMALIZATION",
    ),
)
