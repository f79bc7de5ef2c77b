"""The fully connected layer, and the one with the matrix of another."""

from __future__ import annotations

from layerkit import Embedding
from layerkit_numba.interface import Call, LayerKernel, Part, kernel
from layerkit_numba.kernels.linear import Products, inside, linear, of_bias


@kernel("layerkit.layers.dense:Dense")
def _dense(part: Part) -> LayerKernel:
    layer = part.layer
    own = linear(part, layer.units, bias="bias" if layer.use_bias else "")
    return LayerKernel(
        forward=own.forward,
        parameter_gradients=own.parameter_gradients,
        input_gradient=own.input_gradient,
        descend=own.descend,
        buffers=own.buffers,
        reads_input=part.trained,
        reads_output=False,
        together=own.together,
        then=() if layer.activation is None else ("function",),
        masks="ignored",
    )


@kernel("layerkit.layers.tied_dense:TiedDense")
def _tied_dense(part: Part) -> LayerKernel:
    layer, width = part.layer, part.input_shape[-1]
    owner = layer.layer
    matrix, units = ("tied.table", owner.count) if isinstance(owner, Embedding) else ("tied.weight", layer.units)
    bias = "bias" if layer.use_bias else ""
    # M stands to δ as a layer's weight stands to x
    own, upstream = Products(inside(part), width, units), Products(inside(part), units, width)
    back: tuple[Call, ...] = ()
    if part.parts["tied"].trained:
        back += upstream.weight_gradient("dy", "x", matrix)
    if part.trained:
        back += of_bias(part, units, bias, "dy")[0]
    if part.needs_input_gradient:
        back += upstream.forward("dy", matrix, "dx")
    return LayerKernel(
        forward=own.forward_turned("x", matrix, "y", bias),
        backward=back,
        buffers=own.buffers | upstream.buffers | own.room_to_turn,
        reads_output=False,
        then=() if layer.activation is None else ("function",),
        masks="ignored",
    )
