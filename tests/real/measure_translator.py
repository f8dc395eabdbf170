"""What lesson 10 says of the translator and cannot print: sacrebleu's figures, and what its training pairs hold.

    KTLEARN_DATA=FOLDER_WITH_TATOEBA python -m tests.real.measure_translator

writes ``measured/translator-en-zh.txt``. It needs sacrebleu and opencc (``ktlearn[test]``).
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from ktlearn.data import load_sentences
from tests.real.data import FOLDER

KEPT = Path(__file__).parent / "measured" / "translator-en-zh.txt"
NAME = "ktlearn/translator-en-zh"
NAMES = ("Tom", "Mary", "Peter", "Lukas", "Ingrid", "Beethoven")


def sentences():
    """Both parts in one frame."""
    return pd.concat([load_sentences("validation"), load_sentences("test")], ignore_index=True)


def twins():
    """The bundled sentences that are like one of Tatoeba's pairs, on either side, as ``pairs.split`` counts it."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    from recipes.translator_en_zh import pairs

    own, known, found = sentences(), pairs.read(FOLDER), []
    for side, column, lengths in ((0, "english", (3, 5)), (1, "chinese", (1, 3))):
        theirs = [normal(pair[side]) for pair in known]
        counter = TfidfVectorizer(
            analyzer="char", ngram_range=lengths, max_df=len(known) // 100, sublinear_tf=True, dtype=np.float32
        )
        x = counter.fit_transform([f" {text} " for text in [*theirs, *own[column].map(normal)]])
        alike = (x[len(known) :] @ x[: len(known)].T).toarray()  # (130, pairs)
        for row in np.flatnonzero(alike.max(axis=1) >= pairs.ALIKE):
            found.append((own["id"][row], known[alike[row].argmax()], round(float(alike[row].max()), 2)))
    return found


def normal(text):
    """Marks and letters in one form, so that a wide comma does not tell two sentences apart."""
    import unicodedata

    return unicodedata.normalize("NFKC", text).casefold()


def scores():
    """BLEU and chrF of each part by both programs: lines of text."""
    from sacrebleu.metrics import BLEU, CHRF

    from ktlearn import models
    from ktlearn.generate import generate
    from ktlearn.text.bleu import bleu, chrf
    from ktlearn.text.tokenizer import tokenizer_of

    model, tokenizer = models.from_pretrained(NAME, task="seq2seq", verbose=0), tokenizer_of(NAME)
    for part in ("validation", "test"):
        asked = load_sentences(part)
        said, right = generate(model, list(asked["english"]), tokenizer, batch_size=65).texts, list(asked["chinese"])
        for metric, ours in ((BLEU(tokenize="zh"), bleu), (CHRF(), chrf)):
            theirs = metric.corpus_score(said, [right]).score
            name = type(metric).__name__
            yield f"{part} {name}: sacrebleu {theirs:.6f}, ktlearn.text.bleu {ours(said, right):.6f}"
            yield f"  {metric.get_signature()}"


def training():
    """How many of the training pairs have a digit, and how many each name: lines of text."""
    from recipes.translator_en_zh import pairs

    train = pairs.split(pairs.read(FOLDER))[0]
    digits = [bool(re.search(r"\d", text)) for text in train.english]
    both = [set(re.findall(r"\d+", a)) & set(re.findall(r"\d+", b)) for a, b in zip(*train, strict=True)]
    yield f"training pairs: {len(train.english)}"
    yield f"with a digit in the English sentence: {sum(digits)}"
    yield f"with the same number in digits on both sides: {sum(map(bool, both))}"
    for name in NAMES:
        word = re.compile(rf"\b{name}\b")
        yield f"with {name}: {sum(bool(word.search(text)) for text in train.english)}"
    lengths = [len(text.split()) for text in train.english]
    yield f"words in an English sentence, the median: {np.median(lengths):.0f}"
    yield f"95 of 100 have at most so many: {np.percentile(lengths, 95):.0f}"


def main():
    lines = [*training(), *scores(), f"bundled sentences with a near twin: {len(twins())}"]
    KEPT.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
