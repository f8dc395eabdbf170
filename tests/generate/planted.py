"""What the tests of generation write with: a tokenizer of single bytes, and a model that recites a text."""

import numpy as np
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE
from transformers import PreTrainedTokenizerFast

from ktlearn.backend import ops

END = 256


def byte_tokenizer():
    """Each byte of UTF-8 is a token, so most letters outside English are several; number 256 ends a text."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE(vocab={letter: i for i, letter in enumerate(letters)} | {"<end>": END}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>", pad_token="<end>")


class Recital:
    """A decoder alone that says one text after any prompt, then the end, then the text again."""

    vocab_size, is_encoder_decoder, max_positions = 257, False, None

    def __init__(self, text):
        self.script = np.array([*byte_tokenizer()(text)["input_ids"], END], "int32")
        self.generation_config = {"eos_token_id": END}

    def prepare(self, input_ids, length, attention_mask=None):
        return (), ops.zeros((ops.shape(input_ids)[0],), "int32")

    def step(self, token_ids, position, context, cache):
        next_token = ops.take(ops.convert_to_tensor(self.script), cache % len(self.script), axis=0)
        return 100.0 * ops.one_hot(next_token, self.vocab_size), cache + 1
