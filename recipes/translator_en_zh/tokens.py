"""The pieces of words of both languages, in one vocabulary: learned from the training pairs by byte-pair merging.

Source: Sennrich, Haddow and Birch 2016, "Neural machine translation of rare words with subword units".
"""

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

PAD, EOS, UNK = range(3)
SPECIAL = ["<pad>", "</s>", "<unk>"]
LONGEST = 128  # tokens of a sentence, its end included


def learn(train, size):
    """A tokenizer with ``size`` pieces, learned from :class:`recipes.translator_en_zh.pairs.Pairs`.

    A piece never reaches over a border of words, of digits, or of a punctuation mark. The space before a word
    belongs to it, as "▁"; every digit is a piece of its own, so that numbers can be copied one digit after another.
    """
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL[UNK]))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, min_frequency=2, show_progress=False)
    tokenizer.train_from_iterator([*train.english, *train.chinese], trainer)
    end = ("</s>", EOS)
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[end])
    names = dict(zip(("pad_token", "eos_token", "unk_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LONGEST, **names)


def ids(tokenizer, sentences):
    """Token ids of each sentence, with the end: a list of lists."""
    return tokenizer(list(sentences), truncation=True, max_length=LONGEST)["input_ids"]
