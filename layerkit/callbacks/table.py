"""The built-in callbacks."""

from layerkit.component import Component

TABLE = (
    Component(
        "early-stopping",
        target="layerkit.callbacks.early_stopping:EarlyStopping",
        summary="Ends a fit when a measure has not improved for some epochs.",
        cases="layerkit.testing.cases.callbacks:EARLY_STOPPING",
    ),
    Component(
        "reduce-on-plateau",
        target="layerkit.callbacks.reduce_on_plateau:ReduceOnPlateau",
        summary="Lowers the learning rate when a measure has not improved for some epochs.",
        cases="layerkit.testing.cases.callbacks:REDUCE_ON_PLATEAU",
    ),
    Component(
        "time-limit",
        target="layerkit.callbacks.time_limit:TimeLimit",
        summary="Ends a fit after some time.",
        cases="layerkit.testing.cases.callbacks:TIME_LIMIT",
    ),
    Component(
        "csv-log",
        target="layerkit.callbacks.csv_log:CsvLog",
        summary="The history as a table, a line an epoch.",
        cases="layerkit.testing.cases.callbacks:CSV_LOG",
    ),
    Component(
        "json-lines",
        target="layerkit.callbacks.json_lines:JsonLines",
        summary="The history as lines of JSON, one an epoch.",
        cases="layerkit.testing.cases.callbacks:JSON_LINES",
    ),
    Component(
        "learning-rate-log",
        target="layerkit.callbacks.learning_rate_log:LearningRateLog",
        summary="The learning rates, kept and written to a file.",
        cases="layerkit.testing.cases.callbacks:LEARNING_RATE_LOG",
    ),
    Component(
        "layer-statistics",
        target="layerkit.diagnosis.layer_statistics:LayerStatistics",
        summary="Outputs and gradients of each layer, kept and written to a file.",
        cases="layerkit.testing.cases.callbacks:LAYER_STATISTICS",
    ),
    Component(
        "tensorboard",
        target="layerkit.tensorboard.board_callback:TensorBoard",
        summary="Writes measures, histograms and images of weights for TensorBoard.",
        cases="layerkit.testing.cases.callbacks:TENSORBOARD",
    ),
    Component(
        "checkpoint",
        target="layerkit.files.checkpoint_callback:Checkpoint",
        summary="Writes all of training to a file, again and again, to resume from.",
        cases="layerkit.testing.cases.callbacks:CHECKPOINT",
    ),
    Component(
        "diagnosis",
        target="layerkit.diagnosis.diagnosis_callback:Diagnosis",
        summary="Says why a network does not learn: which layer, by how much, and what helps.",
        cases="layerkit.testing.cases.callbacks:DIAGNOSIS",
    ),
    Component(
        "progress-display",
        target="layerkit.callbacks.progress_display:ProgressDisplay",
        summary="Prints a line an epoch, and on a terminal a progress bar.",
        cases="layerkit.testing.cases.callbacks:PROGRESS_DISPLAY",
    ),
)
