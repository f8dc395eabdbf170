"""A model card: what the predictor and its learner know about themselves, and honest questions for the rest.

Source: Mitchell et al. 2019, "Model Cards for Model Reporting", section 4, for what such a card should hold.
"""

import importlib.metadata
import os
import platform
import re

import numpy as np

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES, REGRESSION
from ktlearn.support.characters import visible, whole
from ktlearn.text.labels import likeliest

OPEN_QUESTION = "**Open question:**"
QUESTIONS = {
    "purpose": "What is it for, and who is meant to use it?",
    "not_for": "For what must nobody use it?",
    "data": "Where do the texts come from, in which language and from which years, and who allows their use?",
    "labels": "Who gave the labels, by which rule, and how often do two people agree?",
    "groups": "For which kinds of texts or people is it worse? Measured, or not known?",
    "limits": "Where is it wrong, with an example?",
    "licence": "Under which licence may it be used, and what does the base model's licence ask for?",
    "contact": "Who answers questions, and who looks after it?",
}
PACKAGES = ("ktlearn", "keras", "tensorflow", "transformers", "numpy")
_LINE_START = re.compile(r"^(\s*)([#+=-]|\d+[.)])")  # what begins a heading or a list


def model_card(predictor, learner=None, title="A text classifier", *, runs=None, tested=None, answers=None):
    """Write a model card as Markdown.

    What the objects know is filled in: classes, sizes, settings, the epochs, the seeds, the test's result, versions.
    What they cannot know stays as an open question, until ``answers`` has an answer. Names and answers are text: what
    looks like Markdown or HTML in them is shown, and does nothing.

    Args:
        predictor: from :func:`ktlearn.predictor.get_predictor`.
        learner: the learner that trained the model, for data sizes, settings and epochs.
        title: the model's name.
        runs: seed → the history of a training with that seed, as ``learner.history.history``.
        tested: the table that :meth:`ktlearn.project.SealedTest.open` gave.
        answers: question → answer, for the questions ``purpose``, ``not_for``, ``data``, ``labels``, ``groups``,
            ``limits``, ``licence`` and ``contact``.

    Raises:
        TypeError: ``predictor`` is none, or an answer is not a text.
        ValueError: there is no such question, or an answer is empty.

    >>> from ktlearn import text
    >>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=32)
    >>> trn = t.preprocess_train(["Bad.", "Good."], ["negative", "positive"], verbose=0)
    >>> from ktlearn.predictor import get_predictor
    >>> card = model_card(get_predictor(t.get_classifier(), t), title="Mood", answers={"purpose": "Practice *only*."})
    >>> print(*card.splitlines()[:7], sep="\\n")
    # Mood
    <BLANKLINE>
    ## What it is for
    <BLANKLINE>
    Practice \\*only\\*.
    <BLANKLINE>
    **Open question:** For what must nobody use it?
    >>> card.count(OPEN_QUESTION)
    9
    """
    if not hasattr(predictor, "preproc") or not hasattr(predictor, "model"):
        raise TypeError(f"predictor must be a predictor, from get_predictor; got {type(predictor).__name__}.")
    answers = _checked(answers or {})

    def said(*names):
        return [_answered(name, answers) for name in names]

    sections = {
        "What it is for": said("purpose", "not_for"),
        "The model": [_list(_model_facts(predictor))],
        "The data": [_list(_data_facts(learner)), *said("data", "labels")],
        "The training": [_list(_training_facts(learner)), *_runs_lines(runs)],
        "The results": [*_results(tested), *said("groups", "limits")],
        "Using it": [_list(_versions()), *said("licence", "contact")],
    }
    blocks = [f"# {escaped(title)}"]
    for heading, paragraphs in sections.items():
        blocks += [f"## {heading}", *filter(None, paragraphs)]
    return "\n\n".join(blocks) + "\n"


def escaped(text):
    """A text as Markdown that shows it as it stands: no markup, no HTML, no link, one line.

    >>> escaped("<b>*5* | [x](http://a)</b>")
    '\\\\<b\\\\>\\\\*5\\\\* \\\\| \\\\[x\\\\](http&#58;//a)\\\\</b\\\\>'
    """
    text = " ".join(visible(whole(str(text))).split())
    text = re.sub(r"([\\`*_\[\]<>|~$])", r"\\\1", text.replace("&", "&amp;"))
    text = re.sub(r"(?<=\w):(?=/)", "&#58;", text)
    text = text.replace("@", "&#64;")
    text = re.sub(r"(?i)\b(www)\.", r"\1&#46;", text)
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", text)


def _checked(answers):
    for name, answer in answers.items():
        if name not in QUESTIONS:
            raise ValueError(f"answers: there is no question {name!r}. The questions are {', '.join(QUESTIONS)}.")
        if not isinstance(answer, str):
            raise TypeError(f"answers: the answer to {name!r} must be a text; got {type(answer).__name__}.")
        if not answer.strip():
            raise ValueError(f"answers: the answer to {name!r} is empty. “Not known” is an answer.")
    return answers


def _answered(name, answers):
    return escaped(answers[name]) if name in answers else f"{OPEN_QUESTION} {QUESTIONS[name]}"


def _model_facts(predictor):
    labels, model, preproc = predictor.preproc.labels, predictor.model, predictor.preproc
    name, place = preproc.model_name, ""
    if os.path.isdir(name):  # its name only: where it lies is nobody's business
        name, place = os.path.basename(os.path.abspath(name)), "a folder named "
    yield f"Base model: {place}{escaped(name)}"
    yield f"Architecture: {escaped(model.family.title)}, {model.count_params():,} parameters"
    if labels.kind == REGRESSION:
        yield "It answers with a number"
    else:
        kind = "one of" if labels.kind == CLASSES else "any number of"
        yield f"It answers with {kind} {len(labels.class_names)} classes: {', '.join(map(escaped, labels.class_names))}"
    yield f"It reads at most {preproc.maxlen} tokens of a text; what is longer is cut"


def _data_facts(learner):
    for what, data in (("Training", learner and learner.train_data), ("Validation", learner and learner.val_data)):
        if data is None or not hasattr(data, "__len__"):
            continue
        line = f"{what}: {len(data):,} texts"
        if data.labels is not None and data.labels.class_names and data.y is not None and data.y.ndim == 2:
            y = np.asarray(data.y)
            counts = (likeliest(y) if data.labels.kind == CLASSES else y).sum(0).astype(int)
            line += (
                f" ({', '.join(f'{escaped(n)} {c:,}' for n, c in zip(data.labels.class_names, counts, strict=True))})"
            )
        yield line


def _training_facts(learner):
    history = learner and learner.history and learner.history.history
    if not history:
        return
    optimizer = type(learner.model.optimizer).__name__
    yield f"Batches of {learner.batch_size}, {optimizer}, highest rate {max(history['lr']):g}"
    figures = [name for name in ("val_loss", "val_accuracy", "val_mae") if name in history]
    epochs = len(history.get("loss", []))
    yield f"{epochs} epochs; " + ("validation after each:" if figures else "no validation figures were kept")
    for name in figures:
        yield f"{name}: {', '.join(f'{value:.3f}' for value in history[name])}"


def _runs_lines(runs):
    if not runs:
        return [f"{OPEN_QUESTION} How much do other seeds change? Train with three or more."]
    lines = []
    for name, choose in (("val_accuracy", max), ("val_loss", min)):
        best = [choose(run[name]) for run in runs.values() if name in run]
        if len(best) > 1:
            mean, spread = np.mean(best), np.std(best, ddof=1)
            lines.append(f"{len(best)} seeds ({', '.join(map(escaped, runs))}), best {name}: {mean:.3f} ± {spread:.3f}")
    return [_list(lines)] if lines else [f"{OPEN_QUESTION} How much do other seeds change? Train with three or more."]


def _results(tested):
    if tested is None:
        return [f"{OPEN_QUESTION} What is its accuracy on test texts that no choice was made by, beside a baseline's?"]
    rows = ["| model | accuracy | standard error |", "|---|---|---|"]
    rows += [f"| {escaped(name)} | {row['accuracy']:.3f} | {row['error']:.3f} |" for name, row in tested.iterrows()]
    return ["On the test texts, after everything was chosen:", "\n".join(rows)]


def _versions():
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:  # a source tree, or another backend
            continue
    yield f"Made with Python {platform.python_version()}, {', '.join(found)} ({keras.backend.backend()} backend)"


def _list(lines):
    return "\n".join(f"- {line}" for line in lines)
