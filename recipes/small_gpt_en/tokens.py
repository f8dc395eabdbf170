"""The pieces of words: byte-level BPE as GPT-2's, with fewer pieces, learned from the training texts.

Source: Radford et al. 2019, "Language models are unsupervised multitask learners", section 2.2.
"""

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

END, END_ID = "<|endoftext|>", 0  # the only special token, GPT-2's: it stands between two documents


def learn(texts, size, longest):
    """A tokenizer with ``size`` pieces: the 256 bytes, the end, and what stood together most often.

    No text is unknown to it, and decoding gives back the very same text.

    Args:
        texts: a list of documents.
        longest: the model's positions.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=[END], initial_alphabet=alphabet, min_frequency=2, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=longest, bos_token=END, eos_token=END, pad_token=END
    )


def stream(tokenizer, texts):
    """All documents as one row of ids ``(N,)``, an end before the first and behind each."""
    rows = tokenizer(list(texts), verbose=False)["input_ids"]
    return np.array([END_ID, *(id for row in rows for id in (*row, END_ID))], "int32")
