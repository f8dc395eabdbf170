"""Published checkpoints in ktlearn's own layers.

>>> from ktlearn import models
>>> model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
>>> model.key_map()[0].theirs
'embeddings.word_embeddings.weight'
"""

import copy

import numpy as np

from ktlearn.models import checkpoint, families, hub, keymap, own_head
from ktlearn.models.decoder import DecoderModel
from ktlearn.models.encoder import EncoderModel
from ktlearn.models.families import FAMILIES
from ktlearn.models.outline import outline
from ktlearn.models.pretrained import ModelOutput, PretrainedModel
from ktlearn.models.seq2seq import Seq2SeqModel
from ktlearn.models.settings import Settings
from ktlearn.support.arguments import check_whole, is_whole
from ktlearn.support.characters import say

MODELS = {"encoder": EncoderModel, "decoder": DecoderModel, "seq2seq": Seq2SeqModel}  # by the kind of the family
TASKS = (None, "classification", "masked-lm", "causal-lm", "question-answering", "seq2seq")

__all__ = [
    "FAMILIES",
    "TASKS",
    "DecoderModel",
    "EncoderModel",
    "ModelOutput",
    "PretrainedModel",
    "Seq2SeqModel",
    "Settings",
    "from_config",
    "from_pretrained",
]


def from_pretrained(name, task=None, num_labels=None, revision=None, verbose=1, labels=None, whole=False):
    """Load a published checkpoint into ktlearn's layers.

    Args:
        name: a name on the hub (``"bert-base-uncased"``), a folder in Hugging Face's layout, or a
            bundled model (``"ktlearn/mini-bert-en"``).
        task: None for the bare model, or "classification", "masked-lm", "causal-lm", "question-answering",
            "seq2seq", where the family can do it.
        num_labels: number of classes, for classification; the checkpoint's own when None.
        revision: a branch, tag or commit, for a name on the hub.
        verbose: 1 says in one line which parts start at random and which tensors were not used.
        labels: in place of ``num_labels``, the names of the classes in the order of the outputs. A head that the
            checkpoint has for the same names is put into that order; one for others is not taken. Which of the
            two it was is said in ``model.own_head``.
        whole: True to refuse a checkpoint that lacks a part of the model, instead of beginning with a fresh head.

    Returns:
        A built :class:`EncoderModel`, :class:`DecoderModel` or :class:`Seq2SeqModel`; ``model.config`` is the
        checkpoint's config, ``model.loading`` names the fresh and the unused tensors.

    Raises:
        FileNotFoundError, ConnectionError, PermissionError, ValueError: each says what to do next; see ``hub.find``.

    >>> model = from_pretrained("ktlearn/mini-bert-en", task="classification", num_labels=2)
    ktlearn/mini-bert-en loaded for classification; fresh, to be trained: classifier; not used: cls.predictions, ...
    >>> model.loading.fresh
    ['classifier.weight', 'classifier.bias']
    """
    if labels is not None:
        labels = own_head.checked_labels(labels)
        if num_labels not in (None, len(labels)):
            raise ValueError(f"num_labels={num_labels}, but there are {len(labels)} labels: give one of the two.")
        num_labels = len(labels)
    _check_task(task, num_labels)
    folder = hub.find(name, revision)
    config = checkpoint.read_config(folder)
    family = _check_family_can(config, task)
    tensors, source = checkpoint.read_tensors(folder), str(name)
    generation = checkpoint.read_generation_config(folder)
    own = [config.id2label[place] for place in range(config.num_labels)]
    order = None if labels is None else own_head.order_of(labels, own)
    new_head = not whole and (num_labels not in (None, len(own)) or (labels is not None and order is None))
    # Nothing is built in vain: first the names in the files' headers, then shapes and types, then the numbers.
    keymap.check_names(family, family.settings(config), task, tensors, source, whole)
    outlined = _outline(family, config, task, num_labels, source)
    found, _, _ = keymap.fit(outlined, tensors, source, whole, new_head)
    keymap.check_numbers(outlined, found, tensors, source)
    model = from_config(config, task, num_labels)
    model.load_tensors(tensors, source, whole=whole, new_head=new_head, order=order, checked=True)
    if model.generation_config is not None:
        model.generation_config = {**model.generation_config, **generation}
    if labels is not None:
        model.config.id2label = dict(enumerate(labels))
        model.config.label2id = {label: i for i, label in enumerate(labels)}
        model.own_head = _what_became_of_the_head(model, labels, own, order)
    if verbose and model.own_head:
        say(model.own_head)
    if verbose and (model.loading.fresh or model.loading.unused):
        say(_loading_line(name, model))
    return model


def from_config(config, task=None, num_labels=None, seed=None):
    """A model of the same shape with random weights, to train from scratch.

    Args:
        config: a transformers config of a supported family, or a checkpoint's name.
        task, num_labels: as in :func:`from_pretrained`.
        seed: an integer for the same weights each time; None draws one from NumPy's global state,
            which ``keras.utils.set_random_seed`` sets.

    Raises:
        ValueError: as :func:`from_pretrained`.

    >>> model = from_config("ktlearn/mini-bert-en", task="masked-lm", seed=0)
    >>> model.settings.num_layers
    4
    """
    _check_task(task, num_labels)
    if seed is not None:
        check_whole("seed", seed, least=0)
    if not hasattr(config, "model_type"):
        config = checkpoint.read_config(hub.find(config))
    model = _build(_check_family_can(config, task), config, task, num_labels)
    seed = int(np.random.randint(2**31)) if seed is None else seed
    model.seed(seed)
    return model


def _check_task(task, num_labels):
    if task not in TASKS:
        accepted = ", ".join(repr(name) for name in TASKS)
        raise ValueError(f"task must be one of {accepted}; got {task!r}.")
    if num_labels is None:
        return
    is_count = is_whole(num_labels) and 1 <= num_labels <= checkpoint.MOST_LABELS
    if task != "classification" or not is_count:
        raise ValueError(
            f"num_labels is a whole number ≥ 1 for task='classification'; got {num_labels!r} with task={task!r}. "
            f"At most {checkpoint.MOST_LABELS:,}."
        )


def _check_family_can(config, task):
    """The family of a config, when it has a head for the task."""
    family = families.of(config)
    if task not in family.architectures:
        accepted = ", ".join(repr(name) for name in family.architectures)
        raise ValueError(f"A {family.title} checkpoint has no head for task={task!r}. Accepted for it: {accepted}.")
    return family


def _build(family, config, task, num_labels):
    """A model with a config of its own."""
    config = copy.deepcopy(config)
    if task == "classification" and num_labels not in (None, config.num_labels):
        config.num_labels = num_labels  # also renames the labels LABEL_0, LABEL_1, …
    return MODELS[family.kind](family, config, task)


def _outline(family, config, task, num_labels, source):
    try:
        model = outline(_build, family, config, task, num_labels)
        model.key_map()
        return model
    except ValueError as error:
        raise ValueError(f"{source}: the config asks for a model that cannot be: {error}") from error


def _what_became_of_the_head(model, labels, own, order):
    """One sentence; empty when the checkpoint has no head for classes."""
    stored = {*model.loading.unused} | {entry.theirs for entry in model.key_map()} - {*model.loading.fresh}
    names = [entry.theirs for entry in model.key_map() if entry.ours.startswith(keymap.COUNTS_LABELS)]
    return own_head.sentence(labels, own, order) if stored.issuperset(names) else ""


def _loading_line(name, model):
    def shown(names):
        modules = sorted({part.rsplit(".", 1)[0] for part in names})
        return ", ".join(modules[:4]) + (f" and {len(modules) - 4} more" if len(modules) > 4 else "")

    parts = [f"{name} loaded for {model.task or 'its hidden states'}"]
    if model.loading.fresh:
        parts.append(f"fresh, to be trained: {shown(model.loading.fresh)}")
    if model.loading.unused:
        parts.append(f"not used: {shown(model.loading.unused)}")
    return "; ".join(parts) + "."
