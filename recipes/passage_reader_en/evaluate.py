"""How well the reader of passages answers, beside two that give the sentence most like the question.

    python -m recipes.passage_reader_en.evaluate FOLDER_WITH_XQUAD FOLDER_OF_THE_READER

Each method gives an answer and how sure it is. From which sureness on it answers at all is chosen on the validation
passages; then the test is read once. XQuAD's questions all have an answer: there every method always answers.
"""

import argparse
import json
import re
from pathlib import Path

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from ktlearn import models
from ktlearn.data import load_passages
from ktlearn.predictor.answer_scores import exact_match, f1
from ktlearn.predictor.passage_reader import PassageReader
from ktlearn.predictor.sentence_encoder import SentenceEncoder
from ktlearn.text.tokenizer import tokenizer_of
from recipes.passage_reader_en import data

SENTENCE = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=\S)")


def sentences(text):
    """The sentences of a text, roughly: cut behind a full stop, a question mark or an exclamation mark.

    >>> sentences("One. Two? 3.5 is three.")
    ['One.', 'Two?', '3.5 is three.']
    """
    return SENTENCE.split(text)


def reader(folder):
    """A method: the trained reader's span, and by how much it beats "no answer"."""
    model = models.from_pretrained(folder, task="question-answering", verbose=0, whole=True)
    own = PassageReader(model, tokenizer_of(folder))

    def method(frame):
        contexts = frame["context"].tolist()
        found = own.read(frame["question"].tolist(), contexts)
        answers = [text[span.start : span.end] for span, text in zip(found, contexts, strict=True)]
        return answers, [span.margin for span in found]

    return method


def by_vectors(frame):
    """A method: the sentence whose vector is nearest to the question's, by ``ktlearn/minilm-en``; and their cosine."""
    texts = sorted(
        {text for context in frame["context"].unique() for text in sentences(context)} | {*frame["question"]}
    )
    encoder = SentenceEncoder("ktlearn/minilm-en")
    vectors = dict(zip(texts, encoder.encode(texts, verbose=0), strict=True))
    return _nearest(frame, lambda question, parts: [float(vectors[question] @ vectors[part]) for part in parts])


def by_words(frame):
    """A method: the sentence that shares the rarest words with the question, by TF-IDF; and their cosine."""
    weights = TfidfVectorizer(sublinear_tf=True)
    weights.fit([text for context in frame["context"].unique() for text in sentences(context)])

    def likeness(question, parts):
        return (weights.transform(parts) @ weights.transform([question]).T).toarray()[:, 0]

    return _nearest(frame, likeness)


def right_sentence(frame):
    """Not a method but a bound: the sentence in which the answer starts, for the answered questions."""
    found = []
    for row in frame.itertuples():
        start = 0
        for part in sentences(row.context):
            start = row.context.index(part, start)
            if start + len(part) > row.answer_start:
                break
        found.append(part)
    return found, [0.0] * len(found)


def _nearest(frame, likeness):
    found, sure = [], []
    for row in frame.itertuples():
        parts = sentences(row.context)
        likely = likeness(row.question, parts)
        best = int(np.argmax(likely))
        found.append(parts[best])
        sure.append(float(likely[best]))
    return found, sure


def threshold(sure, scores, is_unanswered):
    """The sureness from which on to answer: that with the best mean score.

    Args:
        sure: how sure each answer is ``(N,)``.
        scores: the F1 of each answer if it is given ``(N,)``.
        is_unanswered: whether the right answer is "no answer" ``(N,)``.

    >>> threshold([0.9, 0.2, 0.5], [1.0, 0.0, 1.0], [False, True, False])
    0.35
    """
    sure, scores, given = np.asarray(sure), np.asarray(scores), np.asarray(is_unanswered, float)
    cuts = np.sort(sure)
    cuts = [cuts[0] - 1, *(cuts[1:] + cuts[:-1]) / 2, cuts[-1] + 1]
    return float(max(cuts, key=lambda cut: np.where(sure >= cut, scores, given).mean()))


def figures(frame, found, sure, least=None):
    """Exact match and F1 of all, of the answered and of the unanswered questions.

    ``right_sentence`` is of the questions with an answer: how often what was found, given or held back, stands in the
    sentence with the answer.
    """
    given = [text if least is None or how >= least else "" for text, how in zip(found, sure, strict=True)]
    pairs = list(zip(given, frame["answer"], strict=True))
    exact, overlap = np.array([exact_match(*pair) for pair in pairs]), np.array([f1(*pair) for pair in pairs])
    answered = frame["answer"].to_numpy() != ""
    with_answer = frame[answered]
    right, _ = right_sentence(with_answer)
    shown = {"exact": exact.mean(), "f1": overlap.mean(), "f1_error": overlap.std(ddof=1) / len(pairs) ** 0.5}
    here = [bool(text) and text in part for text, part in zip(np.array(found, object)[answered], right, strict=True)]
    shown["right_sentence"] = np.mean(here)
    if not answered.all():
        shown |= {"f1_answered": overlap[answered].mean(), "unanswered_right": overlap[~answered].mean()}
    return {"questions": len(pairs)} | {name: round(float(value), 4) for name, value in shown.items()}


def measure(folder, model):
    """One line of figures for each method and test: an iterator of dictionaries."""
    validation, test = load_passages("validation"), load_passages("test")
    public = data.xquad(folder, "test")
    methods = {
        "reader": reader(model),
        "nearest sentence by vectors": by_vectors,
        "nearest sentence by words": by_words,
    }
    for name, method in methods.items():
        found, sure = method(validation)
        scores = [f1(*pair) for pair in zip(found, validation["answer"], strict=True)]
        least = threshold(sure, scores, validation["answer"] == "")
        yield {"method": name, "test": "passages, validation", "least": least} | figures(validation, found, sure, least)
        yield {"method": name, "test": "passages", "least": least} | figures(test, *method(test), least)
        yield {"method": name, "test": "xquad"} | figures(public, *method(public))
    answered = test[test["answer"] != ""]
    for name, frame in {"passages, answered": answered, "xquad": public}.items():
        yield {"method": "the right sentence", "test": name} | figures(frame, *right_sentence(frame))
    yield {"method": "always no answer", "test": "passages"} | figures(test, [""] * len(test), [0] * len(test))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="where xquad_en.json.gz lies")
    parser.add_argument("model", help="a folder, or ktlearn/passage-reader-en")
    parser.add_argument("--results", type=Path, help="a file to which the lines are written too")
    args = parser.parse_args()
    lines = []
    for line in measure(args.folder, args.model):
        print(json.dumps(line), flush=True)
        lines.append(json.dumps(line))
    if args.results:
        args.results.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
