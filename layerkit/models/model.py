"""The model: a layer that can stand outermost, and holds the values of all inside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Self

import numpy as np

from layerkit.arguments import check_instance, check_integer
from layerkit.calls import explained
from layerkit.errors import ArgumentError, DataError, NotBuiltError, OwnershipError
from layerkit.interfaces.activation import Activation
from layerkit.interfaces.decision import HALF, Decision, Threshold
from layerkit.interfaces.engine import Engine
from layerkit.interfaces.layer import Layer
from layerkit.models.boundary import checked_input, checked_mask, row_count
from layerkit.models.classes import checked_threshold, decision_of, told_classes
from layerkit.models.gate import BUILDING
from layerkit.models.inference import Inference
from layerkit.models.looking import input_gradient, outputs_of
from layerkit.models.moment import Moment
from layerkit.models.named_input import in_order, tuple_of
from layerkit.models.node import Node
from layerkit.models.piece_rows import piece_rows
from layerkit.models.plan import plan
from layerkit.models.predictor import Predictor
from layerkit.models.schema import Schema
from layerkit.models.structure import Structure
from layerkit.models.summary import summarize, summary_html
from layerkit.models.views import Views
from layerkit.shapes import as_shape
from layerkit.types import Array, DType, DTypeLike, Shape, ShapeLike, Value
from layerkit.uninterrupted import uninterrupted

_KEPT_ROWS = 32


class Model(Layer):
    """A layer that people use as a network of its own: it is given values, predicts, is trained, copied and saved."""

    _readout: Activation | None = None
    _schema: Schema = Schema()
    _threshold: Threshold = HALF
    _dtype: DType = np.dtype(np.float32)
    _node: Node | None = None
    _input_shape: Shape | None = None

    @explained
    def initialize(
        self,
        input_shape: ShapeLike | Mapping[str, ShapeLike],
        *,
        seed: int | None = None,
        dtype: DTypeLike | None = None,
        rebuild: bool = False,
    ) -> Self:
        """Lay out the parameters for inputs of ``input_shape`` (the batch axis left out) and draw their values.

        Of several inputs, ``input_shape`` is a tuple of shapes, or a dictionary by their names. Layers that have values
        already keep them, unless ``rebuild`` asks for new ones (and forgets the names of columns if there are not as
        many any more). ``Trainer.fit`` does this by itself, with the trainer's seed. ``dtype`` is float32 unless said
        otherwise here or by ``astype``.

        Raises:
            ShapeError: a layer cannot take the shape it would be given, or has values of another shape.
            OwnershipError: the model is part of another one, or one of its layers is.
            ArgumentError: there is a seed, but nothing to draw: the model has all its values.
        """
        if isinstance(input_shape, Mapping):
            input_shape = tuple_of({name: as_shape(each) for name, each in input_shape.items()}, self.input_names)
        shape = as_shape(input_shape)
        if seed is not None:
            check_integer(self, "seed", seed, minimum=0)
        chosen = None if dtype is None else _floating(dtype)
        if self._structure() is None:
            with BUILDING:
                if self._structure() is None:
                    self._initialize(shape, seed, chosen, rebuild)
                    return self
        with self._require()[0].gate.exclusive():
            self._initialize(shape, seed, chosen, rebuild)
        return self

    def _initialize(self, shape: Shape, seed: int | None, dtype: DType | None, rebuild: bool) -> None:
        # not before it waited at the gate: another thread may have laid all out anew
        structure = self._structure()
        if structure is not None and structure.root is not self:
            raise OwnershipError(f"{type(self).__name__} is part of another model, which holds its values")
        node = plan(self, shape)
        if seed is not None and structure is not None and not rebuild and _all_have_values(node):
            raise ArgumentError(
                f"{type(self).__name__}: every layer has values already, so seed {seed} would draw nothing: "
                f"for new values write initialize(…, seed={seed}, rebuild=True), or leave the seed out to keep them"
            )
        entropy = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else int(seed)
        chosen = self._dtype if dtype is None else dtype
        laid_out = Structure(node, chosen).draw(entropy, keep=not rebuild)
        if structure is not None:
            laid_out.gate, laid_out.version = structure.gate, structure.version
        # from its first layer on, others may find it
        with laid_out.gate.exclusive():
            uninterrupted(laid_out.install)
        self._dtype, self._input_shape = chosen, shape
        if rebuild:
            self._schema = self._schema.fitting(shape)

    @explained
    def predict(self, x: Any, *, mask: Array | None = None) -> Array:
        """What the model says of each row of ``x``, ``(batch, *input_shape)``: the caller's own array.

        ``x`` may be a DataFrame, whose columns are matched by name with those of ``schema``; of several inputs, a tuple
        of arrays, or a dictionary by their names. Runs in inference mode, in
        any number of threads. Applies the readout of the cost that the model was trained with, such as softmax.
        ``mask``: ``(batch, time)`` booleans of ragged sequences, True where a step counts.

        Raises:
            NotBuiltError: the model has no values yet.
            ShapeError: ``x`` has another shape than the model was built for.
            DataError: ``x`` holds no numbers, or ``mask`` no booleans, or the model no axis of time for it.
        """
        # the gate first: all else may be another after waiting there
        predicted: Array = self._require()[0].gate.shared(self._predict, x, mask)
        return predicted

    def _predict(self, x: Any, mask: Array | None) -> Array:
        structure, node = self._require()
        x = checked_input(in_order(x, self._schema, self.input_names), node, structure.dtype)
        rows = row_count(x)
        if mask is not None:
            mask = checked_mask(mask, node, rows)
        if rows <= _KEPT_ROWS:
            return self._predict_few(x, mask, structure, node)
        return Inference(structure, node, self._readout).predict_in_pieces(x, mask, piece_rows(node, x))

    @explained
    def classify(self, x: Any, *, mask: Array | None = None) -> Array:
        """The class of each row of ``x``: its name where the model knows names (``schema``), else its label.

        ``(batch,)``, or ``(batch, time)`` of sequences. Of several outputs the largest tells the class; a single one is
        the probability of class 1, which is predicted above ``threshold``. Where each output is a label that may hold
        or not, as with ``BinaryCrossEntropy``, the answer is a list of names for each row, or booleans ``(batch,
        labels)`` where there are no names.

        Raises:
            ArgumentError: the model has a single output that is no probability.
            DataError: of a row ``predict`` gives NaN, which tells no class.
            NotBuiltError, ShapeError: as ``predict``.
        """
        return self.classes_of(self.predict(x, mask=mask), mask=mask)

    def classes_of(self, prediction: Array, *, mask: Array | None = None) -> Array:
        """The class that each row of what ``predict`` gave tells, as ``classify`` has it.

        Raises:
            ArgumentError, DataError: as ``classify``.
        """
        _require_told(prediction, mask)
        node = self._require()[1]
        return told_classes(prediction, node, self._readout, self._threshold, self._schema.classes)

    def outputs(
        self, x: Any, *, layers: Sequence[str | int] | None = None, mask: Array | None = None
    ) -> dict[str, Array]:
        """What layers put out for ``x``, in inference mode, by their paths: arrays ``(batch, …)`` of the caller's own.

        ``layers`` are paths as ``summary`` shows them, such as ``"0"``, ``0`` or ``"0.function"``; all if left out;
        ``""`` is the model's own output, in front of the readout. ``x`` and ``mask`` are as for ``predict``.

        Raises:
            ArgumentError: there is no layer at a path.
            NotBuiltError, ShapeError, DataError: as ``predict``.

        >>> import numpy as np
        >>> from layerkit import Dense, ReLU, Sequential
        >>> model = Sequential([Dense(3), ReLU(), Dense(2)]).initialize(4, seed=0)
        >>> {path: output.shape for path, output in model.outputs(np.ones((5, 4)), layers=[1, 2]).items()}
        {'1': (5, 3), '2': (5, 2)}
        """
        found: dict[str, Array] = self._require()[0].gate.shared(self._looked_at, outputs_of, x, layers, mask)
        return found

    def saliency(self, x: Any, *, output: int | Array | None = None, mask: Array | None = None) -> Value:
        """How each input moves one output: ∂ outputᵢ / ∂ xᵢ for each row i, shaped like ``x``, in inference mode.

        ``output`` is the place of one output, or an array with one for each row; the largest of each row if left out.
        The gradient is that of the output in front of the readout: of a logit. ``x`` and ``mask`` are as for
        ``predict``; bytes that the first layer takes as they are count as numbers. The caller owns the array.

        Raises:
            ArgumentError: there is no such output, or an example has several places.
            DataError: the model takes integers, which have no gradient.
            NotBuiltError, ShapeError: as ``predict``.

        Source: Simonyan, Vedaldi and Zisserman, *Deep inside convolutional networks*, 2013.

        >>> import numpy as np
        >>> from layerkit import Dense, Sequential
        >>> model = Sequential([Dense(2)]).initialize(3, seed=0)
        >>> found = model.saliency(np.ones((5, 3)), output=1)
        >>> bool((found == model.parameters["0.weight"][:, 1]).all())
        True
        """
        found: Value = self._require()[0].gate.shared(self._looked_at, input_gradient, x, output, mask)
        return found

    def _looked_at(self, look: Callable[..., Any], x: Any, what: Any, mask: Array | None) -> Any:
        structure, node = self._require()
        x = checked_input(in_order(x, self._schema, self.input_names), node, structure.dtype)
        if mask is not None:
            mask = checked_mask(mask, node, row_count(x))
        return look(structure, node, x, what, mask)

    @explained
    def predictor(self, rows: int | None = 1, *, engine: Engine | None = None) -> Predictor:
        """A frozen copy of the model that predicts batches of ``rows`` rows, in memory that is laid out once.

        ``rows`` is None for batches of any number of rows; of few rows, one number is faster. ``engine`` is what
        predicts: NumPy, if left out, or one that compiles, such as ``NumbaEngine()`` of layerkit-numba, whose numbers
        are those of ``predict`` within rounding.

        Raises:
            EngineError: the engine has no predictions, or cannot run a layer, which the message names.
            OwnershipError: the model is part of another one.
        """
        if rows is not None:
            check_integer(self, "rows", rows, minimum=1)
        check_instance(self, "engine", engine, Engine, optional=True)
        structure, _ = self._require()
        if structure.root is not self:
            raise OwnershipError(f"{type(self).__name__} is part of another model; copy() it first")
        own = self.copy()
        return Predictor(Inference(*own._require(), own._readout), rows, own._schema, engine)

    @explained
    def read(self, output: Array) -> Array:
        """The model's output as ``predict`` gives it: through the readout, if there is one."""
        if self._readout is None:
            return output
        return np.array(Inference(*self._require(), self._readout).read(output))

    @property
    def readout(self) -> Activation | None:
        """What ``predict`` applies to the model's output: kept with the model, set by the trainer from its cost."""
        return self._readout

    @readout.setter
    def readout(self, readout: Activation | None) -> None:
        check_instance(self, "readout", readout, Activation, optional=True)
        self._readout = readout
        self.__dict__.pop("_idle", None)

    @property
    def threshold(self) -> Threshold:
        """Above which probability the answer is yes: ½, unless it was set or found by ``Trainer.tune_threshold``.

        For a single output, or the second of two; of labels, one number for all or a tuple with one for each. Kept with
        the model; ``classify`` and metrics of classes use it.
        """
        return self._threshold

    @threshold.setter
    def threshold(self, threshold: Threshold) -> None:
        checked = checked_threshold(self, threshold)
        if isinstance(checked, tuple) and self.initialized and self.output_shape == (1,):
            raise ArgumentError(
                f"{type(self).__name__}.threshold: a model of one output has one threshold, a number, got "
                f"{threshold!r}: several are for several labels"
            )
        self._threshold = checked

    @property
    def decision(self) -> Decision:
        """How its predictions tell classes: the threshold, and whether outputs are labels that do not exclude each
        other.

        Raises:
            ArgumentError: the threshold does not fit the outputs.
        """
        return decision_of(self._require()[1], self._readout, self._threshold)

    @property
    def schema(self) -> Schema:
        """The names of columns, target and classes: kept with the model, set by the trainer from its first data.

        Data that has names is matched with them; ``model.schema = Schema()`` forgets them.
        """
        return self._schema

    @schema.setter
    def schema(self, schema: Schema) -> None:
        check_instance(self, "schema", schema, Schema)
        self._schema = schema

    @property
    def initialized(self) -> bool:
        """Whether the model has values."""
        return self._home is not None

    @property
    def dtype(self) -> DType:
        """float32 or float64: the dtype of parameters, of what flows between layers, and of predictions."""
        structure = self._structure()
        return self._dtype if structure is None else structure.dtype

    @explained
    def astype(self, dtype: DTypeLike) -> Self:
        """Change the model's dtype, in place."""
        chosen = _floating(dtype)
        structure = self._structure()
        if structure is not None:
            if structure.root is not self:
                raise OwnershipError(f"{type(self).__name__} is part of another model; change that one's dtype")
            with structure.gate.exclusive():
                structure.rearrange(chosen)
                self._dtype = chosen
        else:
            self._dtype = chosen
        return self

    @property
    def input_shape(self) -> Shape:
        """The shape of one input, without the batch axis."""
        return self._require()[1].input_shape

    @property
    def output_shape(self) -> Shape:
        """The shape of one output, without the batch axis."""
        return self._require()[1].output_shape

    @property
    def parameters(self) -> Mapping[str, Array]:
        """The parameters by path, such as ``"0.weight"``: live views, ``parameters[path][...] = w`` changes them."""
        structure, node = self._require()
        inside = {id(inner.layer) for inner in node.walk()}
        return Views(
            {entry.path: entry.view(structure.parameters) for entry in structure.entries if id(entry.layer) in inside}
        )

    @property
    def states(self) -> Mapping[str, Array]:
        """The untrained state by path, such as ``"1.mean"``: live views."""
        structure, node = self._require()
        inside = {id(inner.layer) for inner in node.walk()}
        return Views(
            {entry.path: entry.view(structure.states) for entry in structure.state_entries if id(entry.layer) in inside}
        )

    @property
    def structure(self) -> Structure:
        """The flat vectors that hold the values of the outermost model: what trainers, engines and files work on."""
        return self._require()[0]

    @explained
    def summary(self) -> str:
        """A table of the layers: path, kind, output shape, parameters."""
        summary: str = self._require()[0].gate.shared(self._summary)
        return summary

    def _summary(self) -> str:
        structure, node = self._require()
        return summarize(node, structure)

    def _repr_html_(self) -> str:
        """The table of ``summary``, for a notebook; without values, what it is made of."""
        structure = self._structure()
        if structure is None:
            return f"<pre>{escape(repr(self))}</pre>"
        shown: str = structure.gate.shared(lambda: summary_html(self._require()[1], self._require()[0]))
        return shown

    def _predict_few(self, x: Value, mask: Array | None, structure: Structure, node: Node) -> Array:
        """A small prediction, for which making a context tree would take longer than using it: trees are kept."""
        idle = self.__dict__.setdefault("_idle", [])
        # taking from and giving back to a list is atomic: each thread has trees of its own while it predicts
        try:
            inference = idle.pop()
        except IndexError:
            inference = None
        if inference is None or inference.version != structure.version:
            idle.clear()
            inference = Inference(structure, node, self._readout)
        # a copy, for layers hold their input until the next pass, and the caller's array may be part of a large one
        x = tuple(part.copy() for part in x) if isinstance(x, tuple) else x.copy()
        owned: Array = np.array(inference.predict(x, mask))
        idle.append(inference)
        return owned

    def _structure(self) -> Structure | None:
        home = self._home
        assert home is None or isinstance(home, Structure)
        return home

    def _require(self) -> tuple[Structure, Node]:
        structure = self._structure()
        if structure is None or self._node is None:
            raise NotBuiltError(
                f"{type(self).__name__} has no values yet: call initialize(input_shape), or train it with Trainer.fit"
            )
        return structure, self._node

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        moment: Moment | None = state.get("_moment")
        if moment is not None:
            state |= {"_dtype": moment.dtype, "_input_shape": moment.input_shape_of(self)}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self._input_shape is not None:
            Structure(plan(self, self._input_shape), self._dtype).draw(0).install()


def _all_have_values(node: Node) -> bool:
    """Whether there are parameters and states, and not one without a value."""
    found = [name in inner.layer.__dict__ for inner in node.walk() for name in (*inner.parameters, *inner.states)]
    return bool(found) and all(found)


def _require_told(prediction: Array, mask: Any) -> None:
    """Refuse predictions that count and tell no class, for NaN is neither above nor below anything."""
    wrong = np.isnan(prediction).any(axis=-1)
    if mask is not None and wrong.ndim > 1 and wrong.shape == np.shape(mask):
        wrong &= np.asarray(mask, bool)
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise DataError(
            f"row {row} has no class, for the prediction is NaN ({int(wrong.sum()):,} in all), as it is where x holds "
            "NaN: remove such rows or fill them in"
        )


def _floating(dtype: DTypeLike) -> DType:
    found = np.dtype(dtype)
    if found not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ArgumentError(f"a model's dtype is float32 or float64, got {found}")
    return found
