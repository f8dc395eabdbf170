"""A classifier as an ONNX file, which programs without Python run too (onnxruntime, browsers, phones).

Keras' own ``model.export(format="onnx")`` goes through tf2onnx, which does not know the error function inside
GELU and then writes a file that nothing opens (tf2onnx 1.17 with TensorFlow 2.21). An encoder is a short list
of operations, so here it is written down as such; on every backend, with open batch and length.
Letters: B batch, L length, D width, H heads, d_k head width.
"""

import dataclasses
import json
import logging
import math
from pathlib import Path

import numpy as np

from ktlearn.models import EncoderModel, Settings
from ktlearn.support.atomic import atomic_file

OPSET = 17  # the first with LayerNormalization; every onnxruntime since 1.13 (2022) reads it
IR_VERSION = 8
# What the graph below follows. Any other choice of a family must be the usual one, or its numbers would be wrong.
FOLLOWED = {
    *("vocab_size", "max_positions", "d_model", "num_layers", "num_heads", "d_ff", "activation", "eps"),
    *("segments", "counted_positions", "pad_id", "has_pooler", "pooler_activation"),
    # and what plays no part in a classifier's prediction
    *("dropout", "attention_dropout", "embedding_dropout", "pooler_dropout", "head_dropout", "lm_activation"),
}


def write_onnx(model, path, metadata=None, quantize=False):
    """Write a classification model; returns the path.

    The file takes int64 ``input_ids``, ``attention_mask`` and, where texts have segments as in BERT,
    ``token_type_ids``, each ``(B, L)``, and answers with ``logits`` ``(B, outputs)``.

    Args:
        model: an :class:`ktlearn.models.EncoderModel` with the classification head.
        path: of the file.
        metadata: a dictionary to store in it, as JSON.
        quantize: True for matrices in eight bits, and products of whole numbers: a quarter of the size. What goes
            into a product is rounded too, at the scale that it has at the moment (onnxruntime's dynamic quantization).

    Raises:
        ImportError: the package onnx is missing, or, to quantize, onnxruntime.
        ValueError: the model has another head, or is built in a way that is not known here.
    """
    try:
        import onnx
    except ImportError as error:
        raise ImportError("Writing ONNX needs one more package: pip install onnx onnxruntime") from error
    _check(model)
    quantized = _quantizer() if quantize else None
    graph = _Graph()
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if model.settings.segments > 1 else [])]
    graph.node("Identity", _logits(graph, model), output="logits")
    whole = onnx.helper.make_model(
        onnx.helper.make_graph(
            graph.nodes,
            model.name,
            [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64, ["batch", "length"]) for name in names],
            [onnx.helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, ["batch", model.num_labels])],
            graph.constants,
        ),
        producer_name="ktlearn",
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.helper.set_model_props(whole, {name: json.dumps(value) for name, value in (metadata or {}).items()})
    onnx.checker.check_model(whole)
    with atomic_file(path) as draft:
        if quantized is None:
            onnx.save(whole, str(draft))
        else:
            quantized(whole, str(draft))
    return Path(path).expanduser()


def _quantizer():
    """A function of a model and a path, which writes it in eight bits."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise ImportError("Writing eight bits needs one more package: pip install onnxruntime") from error

    def write(whole, path):
        # Each column has its own scale; with one bit less, no sum overflows on processors without VNNI.
        logging.disable(logging.WARNING)  # it advises preparing the graph for a convolution
        try:
            quantize_dynamic(whole, path, per_channel=True, reduce_range=True, weight_type=QuantType.QInt8)
        finally:
            logging.disable(logging.NOTSET)

    return write


def _check(model):
    if model.task != "classification":
        raise ValueError(
            f"Only a model for classification or regression can be written; this one is for {model.task!r}."
        )
    usual = {field.name: field.default for field in dataclasses.fields(Settings) if field.name not in FOLLOWED}
    unusual = [name for name, value in usual.items() if getattr(model.settings, name) != value]
    if type(model) is not EncoderModel or unusual:
        what = ", ".join(f"{name}={getattr(model.settings, name)!r}" for name in unusual) or type(model).__name__
        raise ValueError(
            f"A {model.family.title} model cannot be written as ONNX yet: the writer does not know {what}. "
            "It writes encoders like BERT's."
        )


class _Graph:
    """Nodes and constants. Each method adds some, and returns the name of what comes out."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def node(self, kind, *inputs, output=None, **attributes):
        import onnx

        output = output or f"{kind}_{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, value, dtype="float32"):
        import onnx

        name = f"constant_{len(self.constants)}"
        self.constants.append(onnx.numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def dense(self, layer, x):
        return self.node("Add", self.node("MatMul", x, self.constant(layer.kernel)), self.constant(layer.bias))

    def norm(self, layer, x):
        scale, shift = self.constant(layer.gamma), self.constant(layer.beta)
        return self.node("LayerNormalization", x, scale, shift, epsilon=layer.eps)

    def scaled(self, x, factor):
        return self.node("Mul", x, self.constant(factor))

    def shifted(self, x, term):
        return self.node("Add", x, self.constant(term))

    def activation(self, name, x):
        if name in ("relu", "tanh"):
            return self.node(name.capitalize(), x)
        if name in ("silu", "swish"):
            return self.node("Mul", x, self.node("Sigmoid", x))
        if name == "gelu":
            inner = self.node("Erf", self.scaled(x, 1 / math.sqrt(2)))
        elif name in ("gelu_new", "gelu_pytorch_tanh"):
            cube = self.scaled(self.node("Mul", self.node("Mul", x, x), x), 0.044715)
            inner = self.node("Tanh", self.scaled(self.node("Add", x, cube), math.sqrt(2 / math.pi)))
        else:
            raise ValueError(f"The activation {name!r} cannot be written as ONNX yet.")
        return self.node("Mul", self.scaled(x, 0.5), self.shifted(inner, 1.0))


def _logits(graph, model):
    settings = model.settings
    x = _embedded(graph, model.embeddings, settings)  # (B, L, D)
    real = graph.node("Cast", "attention_mask", to=1)  # to float: 1 a token, 0 padding
    real = graph.node("Unsqueeze", real, graph.constant([1, 2], "int64"))  # (B, 1, 1, L)
    mask = graph.scaled(graph.shifted(real, -1.0), 1e9)  # 0 a token, -1e9 padding
    for layer in model.encoder.layers:
        x = graph.norm(layer.attention_norm, graph.node("Add", x, _attended(graph, layer.attention, x, mask)))
        inner = graph.activation(settings.activation, graph.dense(layer.feed_forward.expand, x))
        x = graph.norm(layer.feed_forward_norm, graph.node("Add", x, graph.dense(layer.feed_forward.contract, inner)))
    first = graph.node("Gather", x, graph.constant(0, "int64"), axis=1)  # (B, D)
    pooled = graph.activation(settings.pooler_activation, graph.dense(model.pooler.dense, first))
    scores, (mean, spread) = graph.dense(model.head.classifier, pooled), model.head.unit
    return scores if (mean, spread) == (0, 1) else graph.shifted(graph.scaled(scores, spread), mean)


def _embedded(graph, embeddings, settings):
    x = graph.node("Gather", graph.constant(embeddings.tokens.embeddings), "input_ids")
    x = graph.node("Add", x, _positions(graph, embeddings))
    if settings.segments > 1:
        segments = graph.node("Gather", graph.constant(embeddings.segments.embeddings), "token_type_ids")
        x = graph.node("Add", x, segments)
    elif settings.segments:
        x = graph.shifted(x, embeddings.segments.embeddings[0])
    return graph.norm(embeddings.norm, x)


def _positions(graph, embeddings):
    """``(L, D)``; or ``(B, L, D)`` where real tokens are counted, as ``Embeddings.places`` does."""
    table, zero = graph.constant(embeddings.positions.embeddings), graph.constant([0], "int64")
    if not embeddings.counted:
        length = graph.node("Shape", "input_ids", start=1, end=2)
        return graph.node("Slice", table, zero, length, zero)
    padding = graph.node("Equal", "input_ids", graph.constant(embeddings.pad_id, "int64"))
    real = graph.node("Cast", graph.node("Not", padding), to=7)  # to int64
    count = graph.node("CumSum", real, graph.constant(1, "int64"))
    return graph.node("Gather", table, graph.node("Mul", count, real))


def _attended(graph, attention, x, mask):
    H, d_k = attention.num_heads, attention.d_k

    def split(layer, order):
        heads = graph.node("Reshape", graph.dense(layer, x), graph.constant([0, 0, H, d_k], "int64"))
        return graph.node("Transpose", heads, perm=order)

    q, v = split(attention.query, [0, 2, 1, 3]), split(attention.value, [0, 2, 1, 3])  # (B, H, L, d_k)
    k = split(attention.key, [0, 2, 3, 1])  # (B, H, d_k, L)
    scores = graph.scaled(graph.node("MatMul", q, k), 1 / math.sqrt(d_k))
    weights = graph.node("Softmax", graph.node("Add", scores, mask), axis=-1)  # (B, H, L, L)
    heads = graph.node("Transpose", graph.node("MatMul", weights, v), perm=[0, 2, 1, 3])
    return graph.dense(
        attention.output_projection, graph.node("Reshape", heads, graph.constant([0, 0, H * d_k], "int64"))
    )
