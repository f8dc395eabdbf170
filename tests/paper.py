"""The paper's formulas once more in NumPy, written from the paper and not from the package.

One sequence at a time, one head at a time, in double precision. A layer of ktlearn is asked only for
its numbers.

Source: Vaswani et al. 2017; pre-norm: Xiong et al. 2020, figure 1.
"""

import numpy as np


def array(variable):
    return np.asarray(variable).astype("float64")


def dense(x, layer):
    return x @ array(layer.kernel) + array(layer.bias)


def norm(x, layer):
    mean = x.mean(-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + layer.eps) * array(layer.gamma) + array(layer.beta)


def attention(x, y, layer, allowed):
    """Queries from x (Q, D), keys and values from y (K, D); ``allowed`` is 1 or 0, (Q, K)."""
    q, k, v = dense(x, layer.query), dense(y, layer.key), dense(y, layer.value)
    D, H = q.shape[-1], layer.num_heads
    heads, maps = [], []
    for h in range(H):
        part = slice(h * D // H, (h + 1) * D // H)
        scores = q[:, part] @ k[:, part].T / np.sqrt(D / H)
        e = np.exp(scores - scores.max()) * allowed
        maps.append(e / e.sum(-1, keepdims=True))
        heads.append(maps[-1] @ v[:, part])
    return dense(np.concatenate(heads, -1), layer.output_projection), np.stack(maps)


def feed_forward(x, layer):
    return dense(np.maximum(dense(x, layer.expand), 0), layer.contract)


def encoder_layer(x, layer, allowed):
    """Section 3.1: (output, weights)."""
    if layer.norm_first:
        n = norm(x, layer.attention_norm)
        attended, maps = attention(n, n, layer.attention, allowed)
        x = x + attended
        return x + feed_forward(norm(x, layer.feed_forward_norm), layer.feed_forward), maps
    attended, maps = attention(x, x, layer.attention, allowed)
    x = norm(x + attended, layer.attention_norm)
    return norm(x + feed_forward(x, layer.feed_forward), layer.feed_forward_norm), maps


def decoder_layer(x, memory, layer, allowed, memory_allowed):
    """Section 3.1: (output, self-weights, cross-weights)."""
    if layer.norm_first:
        n = norm(x, layer.attention_norm)
        attended, self_maps = attention(n, n, layer.attention, allowed)
        x = x + attended
        n = norm(x, layer.cross_attention_norm)
        attended, cross_maps = attention(n, memory, layer.cross_attention, memory_allowed)
        x = x + attended
        return x + feed_forward(norm(x, layer.feed_forward_norm), layer.feed_forward), self_maps, cross_maps
    attended, self_maps = attention(x, x, layer.attention, allowed)
    x = norm(x + attended, layer.attention_norm)
    attended, cross_maps = attention(x, memory, layer.cross_attention, memory_allowed)
    x = norm(x + attended, layer.cross_attention_norm)
    return norm(x + feed_forward(x, layer.feed_forward), layer.feed_forward_norm), self_maps, cross_maps


def embed(ids, layer):
    """Sections 3.4 and 3.5: the embedding times √D, and the positions."""
    table = array(layer.embeddings)
    D = table.shape[1]
    x = table[ids] * np.sqrt(D)
    for position in range(len(ids)):
        for i in range(D):
            angle = position / 10000 ** (2 * (i // 2) / D)
            x[position, i] += np.cos(angle) if i % 2 else np.sin(angle)
    return x


def transformer(model, source, target):
    """One source (S,) and one target (T,), 0 for padding: (logits, encoder, self and cross maps)."""
    S, T = len(source), len(target)
    real = (source != 0).astype("float64")
    encoder_maps, self_maps, cross_maps = [], [], []

    memory = embed(source, model.source_embedding)
    for layer in model.encoder.layers:
        memory, maps = encoder_layer(memory, layer, np.tile(real, (S, 1)))
        encoder_maps.append(maps)
    if model.encoder.final_norm:
        memory = norm(memory, model.encoder.final_norm)

    allowed = np.zeros((T, T))
    for t in range(T):
        allowed[t, : t + 1] = target[: t + 1] != 0
    x = embed(target, model.target_embedding)
    for layer in model.decoder.layers:
        x, own, cross = decoder_layer(x, memory, layer, allowed, np.tile(real, (T, 1)))
        self_maps.append(own)
        cross_maps.append(cross)
    if model.decoder.final_norm:
        x = norm(x, model.decoder.final_norm)

    if model.output_layer is None:
        logits = x @ array(model.target_embedding.embeddings).T  # section 3.4: one matrix for both
    else:
        logits = x @ array(model.output_layer.kernel)
    return logits, encoder_maps, self_maps, cross_maps
