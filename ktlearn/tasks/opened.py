"""From a model's name to a model that can do a task, opened once; and a clear no where the checkpoint is for others."""

import os
from dataclasses import dataclass
from typing import Any

from ktlearn import models
from ktlearn.kinds import CLASSES
from ktlearn.models import FAMILIES, PretrainedModel, checkpoint, families, hub
from ktlearn.predictor.predictor import SETTINGS, Predictor, get_predictor, load_predictor
from ktlearn.predictor.sentence_encoder import SentenceEncoder
from ktlearn.support.arguments import check_name
from ktlearn.text.labels import Labels
from ktlearn.text.tokenizer import read_tokenizer
from ktlearn.text.transformer import Transformer

# Function of ktlearn.tasks → the heads that can do it, of ktlearn.models.TASKS; None is an encoder without one.
HEADS = {
    "answer": ("question-answering",),
    "fill_mask": ("masked-lm",),
    "sentiment": ("classification",),
    "similar": (None,),
    "summarise": ("seq2seq",),
    "translate": ("seq2seq",),
    "write": ("causal-lm", "seq2seq"),
}
SENTENCE = 256  # tokens: what checkpoints for sentence vectors are usually trained with
ANY = 1_000_000  # tokens; transformers writes a larger number where a tokenizer has no limit


@dataclass(frozen=True, eq=False)
class Opened:
    """A model with its tokenizer, ready for a task of :mod:`ktlearn.tasks`. Made by :func:`open_model`, or by hand.

    Args:
        model: a model of ktlearn with the head that the task needs.
        tokenizer: its own.
        name: how errors call it.
        task: the task that it was opened for; None for any that its head can do.

    Raises:
        TypeError: model or tokenizer is something else.

    >>> from ktlearn import models, text
    >>> model = models.from_pretrained("ktlearn/mini-bert-en", task="masked-lm", verbose=0)
    >>> mine = Opened(model, text.Transformer("ktlearn/mini-bert-en").get_tokenizer())
    >>> mine.maxlen
    512
    """

    model: Any
    tokenizer: Any
    name: str = "the model"
    task: str | None = None

    def __post_init__(self):
        if not isinstance(self.model, PretrainedModel):
            raise TypeError(f"model must be a model of ktlearn.models; got {self.model!r:.80}.")
        if not callable(self.tokenizer):
            raise TypeError(f"tokenizer must be the model's own, from transformers; got {self.tokenizer!r:.80}.")

    def __repr__(self):
        return f"<Opened {self.name}: {self.model.family.title} for {self.task or self.model.task}>"

    @property
    def maxlen(self):
        """The longest text that the model reads, in tokens; None where nothing says so."""
        own = self.model.settings.max_positions or getattr(self.model.config, "n_positions", None)
        limits = [limit for limit in (own, self.tokenizer.model_max_length) if limit is not None and limit < ANY]
        return min(limits, default=None)


def open_model(name, task, revision=None):
    """Open a model once, for many calls of a task: loading takes seconds, and the first call traces the model.

    Args:
        name: a name on the hub, a folder, or a bundled model.
        task: the function of :mod:`ktlearn.tasks` that will use it: "sentiment", "fill_mask", "translate", …
        revision: a branch, tag or commit, for a name on the hub.

    Returns:
        What that function takes in place of a name: for "sentiment" a :class:`ktlearn.predictor.Predictor`, for
        "similar" a :class:`ktlearn.SentenceEncoder`, else an :class:`Opened`.

    Raises:
        ValueError: no such task, or the checkpoint is made for others; the message names them. It is raised before
            weights are read. For the rest see ``ktlearn.models.hub.find``.

    >>> from ktlearn import tasks
    >>> model = tasks.open_model("ktlearn/mini-bert-en", "fill_mask")
    >>> [tasks.fill_mask(model, text).word for text in ("The film was very [MASK].", "She [MASK] the door.")]
    ['good', 'opened']
    """
    check_name("name", name, '"ktlearn/mini-bert-en"')
    if task not in HEADS:
        raise ValueError(f"task must be one of {', '.join(map(repr, HEADS))}; got {task!r}.")
    folder = hub.find(name, revision)
    config = checkpoint.read_config(folder)
    family = families.of(config)
    head = _head_for(task, name, config, _written_head(family, config))
    if task == "sentiment":
        return _predictor(folder, config)
    if task == "similar":
        return SentenceEncoder(folder, maxlen=min(SENTENCE, family.settings(config).max_positions))
    tokenizer = read_tokenizer(folder, config.vocab_size, family)
    model = models.from_pretrained(folder, task=head, verbose=0, whole=True)
    if own := options_for(task, config):
        model.generation_config = {**model.generation_config, **own}
    return Opened(model, tokenizer, str(name), task)


def opened(model, task):
    """The ``model`` of a task, ready: a name is opened, what is opened already is only looked at.

    Args:
        model: a name, a folder, or what :func:`open_model` answers.
        task: the task.

    Raises:
        TypeError: it is something else.
        ValueError: as :func:`open_model`.
    """
    kind = {"sentiment": Predictor, "similar": SentenceEncoder}.get(task, Opened)
    if isinstance(model, kind):
        if kind is Opened:
            if model.task not in (None, task):
                raise ValueError(f"{model.name!r} was opened for {model.task}. Open it again: open_model(…, {task!r}).")
            _head_for(task, model.name, model.model.config, model.model.task)
        return model
    if not isinstance(model, (str, os.PathLike)):
        raise TypeError(
            f"model: {task} takes a name, a folder, or what tasks.open_model(name, {task!r}) answers (of the kind "
            f"{kind.__name__}); got {model!r:.80}."
        )
    return open_model(model, task)


def uses_of(config):
    """What a checkpoint says that it is for: its ``task_specific_params``, a dictionary, empty where it says nothing.

    T5 and BART name their uses there, "summarization" or "translation_en_to_de", with a prefix and options of each.
    """
    written = getattr(config, "task_specific_params", None)
    return {use: one for use, one in written.items() if isinstance(one, dict)} if isinstance(written, dict) else {}


def uses_for(task, config):
    """Those uses that belong to a task, :func:`uses_of` it only."""
    begin = {"summarise": "summarization", "translate": "translation_"}.get(task)
    return {use: one for use, one in uses_of(config).items() if begin and use.startswith(begin)}


def options_for(task, config):
    """The options of ``generate`` that a checkpoint wants for a task; where its uses differ, what they agree on."""
    uses = list(uses_for(task, config).values())
    return {
        name: value
        for name, value in (uses[0] if uses else {}).items()
        if name != "prefix" and all(name in use and use[name] == value for use in uses)
    }


def _written_head(family, config):
    """The head that ``config.json`` names; None for none, "unknown" where it does not say."""
    heads = {title: head for head, title in family.architectures.items()}
    written = getattr(config, "architectures", None) or [""]
    return heads.get(written[0], "unknown")


def _head_for(task, name, config, own):
    """The head with which a checkpoint does a task.

    Raises:
        ValueError: it is made for other tasks.
    """
    family = families.of(config)
    for head in HEADS[task]:
        if head in family.architectures and _does(task, head, own, family, config):
            return head
    fits = [other for other in HEADS if any(_does(other, head, own, family, config) for head in HEADS[other])]
    made_for = f"made for {', '.join(fits)}" if fits else "made for none of the tasks here"
    head = "no head" if own is None else "a head that its config does not name" if own == "unknown" else f"a {own} head"
    wanted = " or ".join(head or "encoder" for head in HEADS[task])
    able = [one.title for one in FAMILIES.values() if any(_can(one, head) for head in HEADS[task])]
    raise ValueError(
        f"{str(name)!r} is a {family.title} with {head}, {made_for}. {task} needs a checkpoint for {wanted}, of one of "
        f"these families: {', '.join(able)}."
    )


def _does(task, head, own, family, config):
    if not _can(family, head) or (head is not None and own not in (head, "unknown")):
        return False
    if head != "seq2seq" or task == "write":
        return True
    if uses_of(config):
        return bool(uses_for(task, config))
    return task == "translate" or family.name != "marian"  # Marian's are translators, all of them


def _can(family, head):
    return head in family.architectures and (head is not None or family.kind == "encoder")


def _predictor(folder, config):
    """A classifier as a predictor: one that was saved, or a published checkpoint with the labels of its config."""
    if (folder / SETTINGS).exists():
        return load_predictor(folder)
    names = [config.id2label[place] for place in range(config.num_labels)]
    problem = "regression" if len(names) == 1 else getattr(config, "problem_type", None)
    if problem in ("regression", "multi_label_classification"):
        raise ValueError(
            f"{folder} is made for {problem}, and sentiment wants a model that gives one of several labels."
        )
    preproc = Transformer(folder, maxlen=None)
    labels = Labels(names)
    labels.kind = CLASSES
    preproc.take_labels(labels)
    return get_predictor(models.from_pretrained(folder, task="classification", verbose=0, whole=True), preproc)
