"""The built-in optimizers."""

from layerkit.component import Component

TABLE = (
    Component(
        "gradient-descent",
        target="layerkit.optimizers.gradient_descent:GradientDescent",
        summary="A step against the gradient, with momentum if wanted.",
        cases="layerkit.testing.cases.optimizers:GRADIENT_DESCENT",
    ),
    Component(
        "adam",
        target="layerkit.optimizers.adam:Adam",
        summary="Steps scaled by running moments of the gradient.",
        cases="layerkit.testing.cases.optimizers:ADAM",
    ),
    Component(
        "adadelta",
        target="layerkit.optimizers.adadelta:Adadelta",
        summary="Steps in the unit of the parameters, by running means of squares.",
        cases="layerkit.testing.cases.optimizers:ADADELTA",
    ),
    Component(
        "adagrad",
        target="layerkit.optimizers.adagrad:Adagrad",
        summary="Steps scaled by the sum of the gradient's squares.",
        cases="layerkit.testing.cases.optimizers:ADAGRAD",
    ),
    Component(
        "adamw",
        target="layerkit.optimizers.adamw:AdamW",
        summary="Adam with decoupled weight decay.",
        cases="layerkit.testing.cases.optimizers:ADAMW",
    ),
    Component(
        "amsgrad",
        target="layerkit.optimizers.amsgrad:AMSGrad",
        summary="Adam whose steps never lengthen.",
        cases="layerkit.testing.cases.optimizers:AMSGRAD",
    ),
    Component(
        "lbfgs",
        target="layerkit.optimizers.lbfgs:LBFGS",
        summary="Quasi-Newton steps with a line search, on all of the data at once.",
        cases="layerkit.testing.cases.optimizers:LBFGS",
    ),
    Component(
        "lion",
        target="layerkit.optimizers.lion:Lion",
        summary="The sign of a running mean: every parameter moves as far.",
        cases="layerkit.testing.cases.optimizers:LION",
    ),
    Component(
        "muon",
        target="layerkit.optimizers.muon:Muon",
        summary="Orthogonal steps for matrices, Adam's for the rest.",
        cases="layerkit.testing.cases.optimizers:MUON",
    ),
    Component(
        "nadam",
        target="layerkit.optimizers.nadam:Nadam",
        summary="Adam with Nesterov's momentum.",
        cases="layerkit.testing.cases.optimizers:NADAM",
    ),
    Component(
        "rms-prop",
        target="layerkit.optimizers.rms_prop:RMSProp",
        summary="Steps scaled by a running mean of the gradient's squares.",
        cases="layerkit.testing.cases.optimizers:RMS_PROP",
    ),
)
