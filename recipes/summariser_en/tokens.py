"""BERT's lower-case pieces of words, with five more signs, so that a text can be written again as it was.

BERT's tokenizer forgets what a reader of a summary wants to see: capital letters, and where spaces were. Here a mark
"↑" stands before a word that begins with a capital letter; and a sign within a word or a number ("3,200", "town's",
"4.12") is a piece of that word. So ``decode`` gives English text back, but for capitals in the middle of a word.

Source of the mark: Berard et al. 2019, "Naver Labs Europe's Systems for the WMT19 Machine Translation Robustness Task",
section 3.2 ("inline casing").
"""

import string

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

PAD, UNK, CLS, SEP, MASK = range(5)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
CAPITAL = "↑"
# The new pieces, each with the piece whose vector it begins with.
NEW = {CAPITAL: "the", "“": '"', "”": '"', "##'": "'", "##,": ",", "##.": ".", "##:": ":"}
LONGEST = 512


def with_signs(tokenizer):
    """A tokenizer with the pieces of this one, and the new ones behind them.

    Args:
        tokenizer: BERT's, lower case, with the special tokens as its first five.

    Returns:
        The new tokenizer; and for each of its pieces the id of the old one whose vector it begins with, ``(V,)``.

    Raises:
        ValueError: the special tokens are not the first five.
    """
    old = tokenizer.get_vocab()
    if tokenizer.convert_tokens_to_ids(SPECIAL) != list(range(5)):
        raise ValueError(f"The tokenizer's first pieces must be {', '.join(SPECIAL)}.")
    vocabulary, begins_with = dict(old), list(range(len(old)))
    for piece, like in NEW.items():
        if piece not in old:
            vocabulary[piece] = len(vocabulary)
            begins_with.append(old[like])
    core = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", continuing_subword_prefix="##"))
    core.normalizer = normalizers.Sequence(
        [
            *(normalizers.Replace(Regex(rf"(?<!\w){letter}"), CAPITAL + letter) for letter in string.ascii_uppercase),
            normalizers.Replace(Regex(r'(?<=[\w.,!?])"'), "”"),
            normalizers.Replace('"', "“"),
            normalizers.BertNormalizer(lowercase=True),
        ]
    )
    # A sign within a word or a number stays there; every other sign is a word of its own.
    sign = rf"{CAPITAL}|(?<!\w)[',.:]|[',.:](?!\w)|[^\w\s',.:]"
    core.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(sign), "isolated")]
    )
    core.decoder = decoders.Sequence([decoders.WordPiece(cleanup=False), decoders.Fuse(), *map(_replace, JOINS)])
    core.post_processor = processors.BertProcessing(("[SEP]", SEP), ("[CLS]", CLS))
    names = dict(zip(("pad", "unk", "cls", "sep", "mask"), SPECIAL, strict=True))
    special = {f"{name}_token": token for name, token in names.items()}
    fast = PreTrainedTokenizerFast(
        tokenizer_object=core, model_max_length=LONGEST, clean_up_tokenization_spaces=False, **special
    )
    return fast, np.array(begins_with)


JOINS = (
    *((f"{CAPITAL} {letter.lower()}", letter) for letter in string.ascii_uppercase),
    (f"{CAPITAL} ", ""),  # a writer may put a mark where no letter follows
    (f" {CAPITAL}", ""),
    (CAPITAL, ""),
    *((f" {sign}", sign) for sign in ".,;:?!)”'"),
    *((f"{sign} ", sign) for sign in "(“"),
    (" - ", "-"),
    ("“", '"'),
    ("”", '"'),
)


def _replace(pair):
    return decoders.Replace(*pair)
