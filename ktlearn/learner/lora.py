"""LoRA: leave the big matrices as they are, and learn a small change to each.

    W' = W + (alpha / r) · A B,   W (D, D), A (D, r), B (r, D)                 (Hu et al. 2021, section 4.1)

B starts at zero, so nothing changes at first. Only A and B are trained, and the head: of MiniLM's 22.7
million numbers that is one in a hundred, and the optimizer remembers only these. The layers themselves are
Keras' (``Dense.enable_lora``); here they are chosen, and merged into plain layers again.
"""

import contextlib

import numpy as np

from ktlearn.learner.layer_groups import blocks
from ktlearn.support.distributed import devices_of
from ktlearn.support.keras_internals import all_layers, forget_compiled, remove_variables

ATTENTION = ("query", "key", "value", "output", "attention_output")  # the names of an attention's projections


def add(model, rank, alpha, layers):
    """Add A and B to the layers of these names, and freeze all but them and the last block.

    Returns:
        The variables that were trainable before, for :func:`merge`.

    Raises:
        ValueError: there is LoRA already, or no layer of these names that can have it.
    """
    if adapted(model):
        raise ValueError("add_lora: this model has LoRA already. Call merge_lora() first.")
    able = [layer for layer in all_layers(model) if hasattr(layer, "enable_lora")]
    chosen = [layer for layer in able if layer.name in layers]
    if not chosen:
        names = ", ".join(sorted({layer.name for layer in able}))
        raise ValueError(f"layers: no layer is called {layers!r}. Layers that can have LoRA: {names}.")
    widest = min(min(layer.kernel.shape) for layer in chosen)
    if rank > widest:
        raise ValueError(f"rank must be at most {widest}, the width of the smallest matrix; got {rank}.")
    before = model.trainable_variables
    with devices_of(model):
        for layer in chosen:
            layer.enable_lora(rank, lora_alpha=alpha)
    trained = [variable for layer in chosen for variable in (layer.lora_kernel_a, layer.lora_kernel_b)]
    trained = {id(variable) for variable in trained + blocks(model)[-1].variables}
    for variable in model.trainable_variables:
        variable.trainable = id(variable) in trained
    forget_compiled(model, answers=True)
    return before


def merge(model, before):
    """Add the change to each matrix, take A and B away, and make trainable what was so before."""
    for layer in adapted(model):
        layer._kernel.assign(layer._kernel.numpy() + _change(layer))
        remove_variables(layer, ("lora_kernel_a", "lora_kernel_b"))
        layer.lora_enabled, layer.lora_rank = False, None
    for variable in before:
        variable.trainable = True
    forget_compiled(model, answers=True)


def adapted(model):
    """The layers of a model that have LoRA."""
    return [layer for layer in all_layers(model) if getattr(layer, "lora_enabled", False)]


@contextlib.contextmanager
def plain(model):
    """Inside the block the model's matrices can be filled; the change to them starts at zero again after it."""
    layers = adapted(model)
    for layer in layers:
        layer.lora_enabled = False
    try:
        yield
        for layer in layers:
            layer.lora_kernel_b.assign(np.zeros(layer.lora_kernel_b.shape, "float32"))
    finally:
        for layer in layers:
            layer.lora_enabled = True


def _change(layer):
    return layer.lora_alpha / layer.lora_rank * layer.lora_kernel_a.numpy() @ layer.lora_kernel_b.numpy()
