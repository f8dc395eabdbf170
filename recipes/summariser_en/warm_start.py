"""An encoder–decoder that begins with what a BERT has learned: the warm start of Rothe et al. 2020.

A BART is BERT's layers twice over, once with a second attention between them; so a BERT can be poured into one:

- the encoder is the BERT itself, and computes the same numbers;
- each decoder layer begins as the BERT's layer of the same number. New is the attention to the source, at random, and
  that a position does not see its future;
- one matrix of token vectors serves the source, the target and the scores.

So no new kind of model is needed, here or in PyTorch. Two things differ from the paper: the segment vectors, which
BART does not have, are added to the positions (a report is one segment, so nothing changes), and BERT's layer before
the scores of hidden words is left out, for BART has none.

Source: Rothe, Narayan and Severyn 2020, "Leveraging Pre-trained Checkpoints for Sequence Generation Tasks" (BERT2BERT).
"""

import numpy as np

from ktlearn import models
from ktlearn.backend import ops
from recipes.summariser_en.tokens import CLS, PAD, SEP


def warm_start(bert, begins_with=None, seed=0, decoder_layers=None, dropout=0.1):
    """A BART made of a BERT.

    Args:
        bert: the model of ``models.from_pretrained``.
        begins_with: for each piece of the new vocabulary the id of the BERT's whose vector it begins with, ``(V,)``;
            None for the BERT's own vocabulary.
        seed: for what begins at random.
        decoder_layers: the first so many of the BERT's layers; None for all.
        dropout: of the layers, in training.
    """
    from transformers import BartConfig

    s = bert.settings
    begins_with = np.arange(s.vocab_size) if begins_with is None else begins_with
    sides = dict(layers=s.num_layers, attention_heads=s.num_heads, ffn_dim=s.d_ff)
    shape = {f"{side}_{name}": value for side in ("encoder", "decoder") for name, value in sides.items()}
    shape |= dict(decoder_layers=decoder_layers or s.num_layers, d_model=s.d_model, activation_function=s.activation)
    special = dict(pad_token_id=PAD, bos_token_id=CLS, decoder_start_token_id=CLS, eos_token_id=SEP)
    config = BartConfig(
        vocab_size=len(begins_with),
        max_position_embeddings=s.max_positions,
        dropout=dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        forced_eos_token_id=None,
        **shape,
        **special,
    )
    model = models.from_config(config, task="seq2seq", seed=seed)
    theirs = bert.embeddings
    tokens, positions, segments = (
        ops.convert_to_numpy(layer.weights[0]) for layer in (theirs.tokens, theirs.positions, theirs.segments)
    )
    model.embedding.embeddings.assign(tokens[begins_with])
    for side in (model.source_positions, model.target_positions):
        side.set_weights([positions + segments[0]])
    for norm in (model.source_norm, model.target_norm):
        norm.set_weights(theirs.norm.get_weights())
    for ours in (model.encoder, model.decoder):
        for layer, begin in zip(ours.layers, bert.encoder.layers, strict=False):
            for part in ("attention", "attention_norm", "feed_forward", "feed_forward_norm"):
                getattr(layer, part).set_weights(getattr(begin, part).get_weights())
    return model
