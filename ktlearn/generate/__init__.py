"""Write with a model, one token at a time: greedy, with beams, or by chance.

    generate(model, "Once upon a time", tokenizer, max_new_tokens=40).text
    for piece in stream(model, "Once upon a time", tokenizer): print(piece, end="")

Each step reads one new token and takes the keys and values of the earlier ones from a cache of a fixed shape. The whole
loop is one graph, traced once for each number of texts and each length of the cache.

What a model must have to be written with, whatever its family:

    vocab_size            V
    is_encoder_decoder    True: it reads a source, and a target begins with a token that the options name.
                          False: it goes on with the prompt itself.
    max_positions         the most positions that a text may have, or None
    pad_id                of an encoder–decoder: the id that fills up short sources
    generation_config     a dictionary of options, what the checkpoint says of itself; or nothing of that name
    prepare(input_ids, length, attention_mask)  →  (context, cache)
                          Read the source; of a decoder alone the prompt, filled up on its left, but for its last
                          token. ``(B, S)`` both; the mask is 0 where a text is filled up. The cache has room for
                          ``length`` positions.
    step(token_ids, position, context, cache)  →  (logits, cache)
                          Read one token of each text, ``(B,)``, that stands at ``position`` of the cache, a scalar
                          tensor: the same for all, so what a family counts is ``position`` less the filling of each
                          row. The logits are ``(B, V)``, the cache has the token in it.

Context and cache are tensors in any nest of tuples; the texts are the first axis of each, so that beams can be copied
and moved. A model that is made up of a table (``tests/generate/test_searches.py``) fits as well as GPT-2.
"""

from ktlearn.generate.options import Options
from ktlearn.generate.searches import beam_search, greedy_search
from ktlearn.generate.streaming import stream
from ktlearn.generate.writing import Generated, generate

__all__ = ["Generated", "Options", "beam_search", "generate", "greedy_search", "stream"]
