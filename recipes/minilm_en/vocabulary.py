"""Which of BERT's pieces of words English text can need, and the same WordPiece tokenizer with those alone.

A text whose pieces are all kept is cut as before: the tokenizer takes the longest piece that fits, and what it took
is still there. Only a word with a sign of a script that is left out changes: it becomes unknown.
"""

import copy
import unicodedata

import numpy as np

# Left out, as the names of their signs in Unicode begin. BERT has a few hundred of these signs, all without words.
SCRIPTS = (
    *("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "ARABIC", "HEBREW", "ARMENIAN", "GEORGIAN"),
    *("DEVANAGARI", "BENGALI", "TAMIL", "KANNADA", "SINHALA", "THAI", "MYANMAR", "TIBETAN"),
)


def needed(tokenizer):
    """The ids of the pieces to keep, ascending ``(V,)``: what English text can need, and the special tokens."""
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    kept = {id for id, piece in enumerate(pieces) if can_occur(tokenizer, piece) and not is_of_scripts(piece)}
    return np.array(sorted(kept.union(tokenizer.all_special_ids)))


def can_occur(tokenizer, piece):
    """Whether there is a text with this piece.

    Not for "[unused7]", nor for "##!" and "##中": text is cut at brackets, and around each such sign, before all else.
    """
    core = tokenizer.backend_tokenizer
    word = "a" + piece[2:] if piece.startswith("##") else piece
    parts = core.pre_tokenizer.pre_tokenize_str(core.normalizer.normalize_str(word))
    return [part for part, _ in parts] == [word]


def is_of_scripts(piece):
    """Whether a sign of the piece is of one of the :data:`SCRIPTS`.

    >>> is_of_scripts("##ой"), is_of_scripts("naïve³"), is_of_scripts("京")
    (False, False, True)
    """
    return any(unicodedata.name(sign, "").startswith(SCRIPTS) for sign in piece)


def shorter(description, kept):
    """A ``tokenizer.json`` with the pieces ``kept`` alone, numbered anew; it cuts and pads nothing by itself.

    Args:
        description: the dictionary of the published file.
        kept: ids as :func:`needed` gives them.
    """
    description = copy.deepcopy(description)
    new = {int(old): number for number, old in enumerate(kept)}
    pieces = {id: piece for piece, id in description["model"]["vocab"].items()}
    description["model"]["vocab"] = {pieces[old]: number for old, number in new.items()}
    description["added_tokens"] = [token | {"id": new[token["id"]]} for token in description["added_tokens"]]
    for token in description["post_processor"]["special_tokens"].values():
        token["ids"] = [new[id] for id in token["ids"]]
    return description | {"truncation": None, "padding": None}
