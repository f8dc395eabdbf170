"""How good the summariser is on reports that it has never seen, beside ways without it: ROUGE and faithfulness.

    python -m recipes.summariser_en.evaluate MODEL_FOLDER

One line for each way, and a line with what the reference summaries themselves have, for scale. ROUGE is the mean F1
of all reports, times 100, without stemming. "names" and "numbers" are the shares of a way's names and numbers that
stand in the report. The intervals hold 95 % of 10,000 draws of as many reports, with replacement; those of "beside
lead-2" are of the difference on the same reports.

Choose how the model writes (beams, length penalty) with ``--part validation``; look at ``test`` once.

Source of the intervals: Efron 1979; for the difference on the same texts Koehn 2004.
"""

import argparse
import json
import time

import numpy as np

import ktlearn
from ktlearn import models
from ktlearn.data import load_reports
from ktlearn.generate import generate
from ktlearn.text import extractive
from ktlearn.text.faithful import faithful, ordinary_words
from ktlearn.text.rouge import rouge
from ktlearn.text.sentences import sentences
from ktlearn.text.tokenizer import tokenizer_of
from recipes.summariser_en.selector import Selector, vectors_of

# How the model writes. The training summaries have 31 to 63 tokens, and none has the same five in a row twice. (Three
# happen: a name.)
WRITING = dict(max_new_tokens=80, min_new_tokens=24, no_repeat_ngram_size=5)
PARTS = ("train", "validation", "test")
DRAWS = 10_000
BASELINE = "lead-2"


def ways_without_a_writer(train, asked):
    """The extractive summaries of each report: a dictionary, way → list of texts.

    Args:
        train: the table of reports that a selector may learn from.
        asked: the table of reports to summarise. Only "oracle" looks at their summaries.
    """
    encoder = ktlearn.SentenceEncoder("ktlearn/minilm-en", maxlen=64)
    known, whole = (list(map(sentences, table["report"])) for table in (train, asked))
    selector = Selector().fit(known, vectors_of(encoder, known), train["summary"])
    vectors = vectors_of(encoder, whole)
    chosen = {
        "first sentence": [[0] for _ in whole],
        "lead-2": [[0, 1] for _ in whole],
        "TextRank": [extractive.best(extractive.textrank(each)) for each in whole],
        "sentence vectors": [extractive.best(extractive.central(each)) for each in vectors],
        "learned selector": [extractive.best(selector.scores(*each)) for each in zip(whole, vectors, strict=True)],
        "oracle": [extractive.oracle(*each) for each in zip(whole, asked["summary"], strict=True)],
    }
    return {way: [_joined(*each) for each in zip(whole, some, strict=True)] for way, some in chosen.items()}


def written(model, tokenizer, asked, **options):
    """What the model writes of each report: a list of texts."""
    return generate(model, list(asked["report"]), tokenizer, batch_size=16, **options).texts


def figures(summaries, asked, ordinary, baseline=None, seed=0):
    """ROUGE with intervals, and faithfulness, of one way: a dictionary.

    Args:
        summaries: a list of texts.
        asked: the table of reports.
        ordinary: words that are no names, :func:`ktlearn.text.faithful.ordinary_words`.
        baseline: the ROUGE of another way on the same reports, ``(N, 3)``; None for no comparison.
        seed: of the draws.
    """
    scores = rouge_of(summaries, asked)
    rng = np.random.default_rng(seed)
    draws = rng.integers(len(scores), size=(DRAWS, len(scores)))
    found = {}
    for i, name in enumerate(("ROUGE-1", "ROUGE-2", "ROUGE-L")):
        found[name] = round(scores[:, i].mean(), 1)
        found[f"{name} from, to"] = _interval(scores[:, i], draws)
        if baseline is not None:
            found[f"{name} beside {BASELINE}"] = _interval(scores[:, i] - baseline[:, i], draws)
    said = [faithful(*each, ordinary) for each in zip(summaries, asked["report"], strict=True)]
    for kind in ("names", "numbers"):
        total = sum(len(getattr(each, kind)) for each in said)
        foreign = sum(len(getattr(each, f"foreign_{kind}")) for each in said)
        found[kind] = total
        found[f"{kind} in the report"] = round(1 - foreign / total, 3) if total else None
    found["words"] = round(float(np.mean([len(summary.split()) for summary in summaries])), 1)
    return found


def rouge_of(summaries, asked):
    """ROUGE-1, -2 and -L, F1 times 100, of each summary: ``(N, 3)``."""
    return 100 * np.array([list(rouge(*each).values()) for each in zip(summaries, asked["summary"], strict=True)])


def _interval(values, draws):
    return np.percentile(values[draws].mean(axis=1), [2.5, 97.5]).round(1).tolist()


def _joined(whole, chosen):
    return " ".join(whole[i] for i in chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("model", nargs="*", help="folders of summarisers, or their names")
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--beams", type=int, nargs="+", default=[4])
    parser.add_argument("--length-penalty", type=float, nargs="+", default=[1.0], help="for more than one beam")
    parser.add_argument("--show", type=int, default=0, help="so many reports with all summaries")
    args = parser.parse_args()
    parts = {part: load_reports(part) for part in PARTS}
    asked = parts[args.part]
    columns = ("headline", "report", "summary")
    ordinary = ordinary_words(text for part in parts.values() for column in columns for text in part[column])
    ways = {"reference": list(asked["summary"])} | ways_without_a_writer(parts["train"], asked)
    baseline = rouge_of(ways[BASELINE], asked)
    for way, summaries in ways.items():
        print(json.dumps({"way": way} | figures(summaries, asked, ordinary, baseline)), flush=True)
    for name in args.model:
        model, tokenizer = models.from_pretrained(name, task="seq2seq", verbose=0), tokenizer_of(name)
        for beams in args.beams:
            for penalty in args.length_penalty if beams > 1 else [None]:
                options = WRITING | dict(num_beams=beams, length_penalty=penalty)
                begin = time.perf_counter()
                way = f"{name}, {beams} beams, length penalty {penalty}"
                ways[way] = written(model, tokenizer, asked, **options)
                line = {"way": way, "seconds": round(time.perf_counter() - begin)}
                print(json.dumps(line | figures(ways[way], asked, ordinary, baseline)), flush=True)
    for i in range(args.show):
        print("\n" + asked["report"].iloc[i])
        for way, summaries in ways.items():
            print(f"  {way}: {summaries[i]}")


if __name__ == "__main__":
    main()
