"""How good a translator is on the pairs that it has never seen: chrF and BLEU, beside the nearest known sentence.

    python -m recipes.translator_en_zh.evaluate FOLDER_WITH_TATOEBA MODEL_FOLDER

The baseline has no translator in it: it finds the English training sentence whose vector (``ktlearn/minilm-en``) is
nearest, and answers with that sentence's Chinese.

Source of the measures: Papineni et al. 2002, "BLEU"; Popović 2015, "chrF"; Post 2018, "A call for clarity in reporting
BLEU scores" (sacrebleu).
"""

import argparse
import json
import time
import unicodedata

import numpy as np

import ktlearn
from ktlearn import models
from ktlearn.generate import generate
from ktlearn.text.tokenizer import tokenizer_of
from recipes.translator_en_zh import pairs

PARTS = ("train", "validation", "test")


def scores(translations, references):
    """chrF and BLEU of a whole part, and what sacrebleu calls the way they were counted.

    BLEU counts runs of 1 to 4 Chinese characters, for Chinese has no spaces ("tok:zh"); chrF of 1 to 6. Marks such as
    the wide and the narrow question mark count as one: the tokenizer makes the wide ones narrow, so that no model of
    ours can write them (NFKC).
    """
    from sacrebleu.metrics import BLEU, CHRF

    translations, references = (
        [unicodedata.normalize("NFKC", each) for each in side] for side in (translations, references)
    )
    found = {}
    for name, metric in (("chrF", CHRF()), ("BLEU", BLEU(tokenize="zh"))):
        found[name] = round(metric.corpus_score(translations, [references]).score, 2)
        found[f"{name} signature"] = str(metric.get_signature())
    return found


def translations(model, tokenizer, english, **options):
    """What the model writes for each sentence: a list of texts."""
    return generate(model, list(english), tokenizer, batch_size=32, **options).texts


def nearest(train, english):
    """The Chinese of the training sentence that is nearest to each of these: a list of texts."""
    encoder = ktlearn.SentenceEncoder("ktlearn/minilm-en", maxlen=64)
    known, asked = encoder.encode(train.english, verbose=0), encoder.encode(english, verbose=0)
    return [train.chinese[i] for i in np.argmax(asked @ known.T, axis=1)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="holds tatoeba_en_zh.tsv.gz")
    parser.add_argument("model", help="a folder of a translator, or its name")
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--beams", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--length-penalty", type=float, nargs="+", default=[1.0], help="for more than one beam")
    parser.add_argument("--nearest", action="store_true", help="the baseline too")
    parser.add_argument("--show", type=int, default=0, help="so many sentences with their translations")
    args = parser.parse_args()
    parts = dict(zip(PARTS, pairs.split(pairs.read(args.folder)), strict=True))
    asked = parts[args.part]
    if args.nearest:
        print(json.dumps({"nearest": scores(nearest(parts["train"], asked.english), asked.chinese)}), flush=True)
    model = models.from_pretrained(args.model, task="seq2seq", verbose=0)
    tokenizer = tokenizer_of(args.model)
    ways = [dict(num_beams=beams) for beams in args.beams if beams == 1]
    ways += [dict(num_beams=beams, length_penalty=p) for beams in args.beams if beams > 1 for p in args.length_penalty]
    for way in ways:
        begin = time.perf_counter()
        found = translations(model, tokenizer, asked.english, **way)
        line = dict(part=args.part) | way | dict(seconds=round(time.perf_counter() - begin))
        print(json.dumps(line | scores(found, asked.chinese)), flush=True)
    for english, chinese, by_model in list(zip(asked.english, asked.chinese, found, strict=True))[: args.show]:
        print(f"{english}\n  {chinese}\n  {by_model}")


if __name__ == "__main__":
    main()
