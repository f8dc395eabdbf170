"""Published checkpoints in ktlearn's own layers.

>>> from ktlearn import models
>>> model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
>>> model.key_map()[0].theirs
'embeddings.word_embeddings.weight'
"""

import copy
import numbers

import numpy as np

from ktlearn.models import checkpoint, families, hub
from ktlearn.models.decoder import DecoderModel
from ktlearn.models.encoder import EncoderModel
from ktlearn.models.families import FAMILIES
from ktlearn.models.pretrained import ModelOutput, PretrainedModel
from ktlearn.models.seq2seq import Seq2SeqModel
from ktlearn.models.settings import Settings
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


def from_pretrained(name, task=None, num_labels=None, revision=None, verbose=1):
    """Load a published checkpoint into ktlearn's layers.

    Args:
        name: a name on the hub (``"bert-base-uncased"``), a folder in Hugging Face's layout, or a
            bundled model (``"ktlearn/mini-bert-en"``).
        task: None for the bare model, or "classification", "masked-lm", "causal-lm", "question-answering",
            "seq2seq", where the family can do it.
        num_labels: number of classes, for classification; the checkpoint's own when None.
        revision: a branch, tag or commit, for a name on the hub.
        verbose: 1 says in one line which parts start at random and which tensors were not used.

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
    _check_task(task, num_labels)
    folder = hub.find(name, revision)
    config = checkpoint.read_config(folder)
    _check_family_can(config, task)
    tensors = checkpoint.read_tensors(folder)
    model = from_config(config, task, num_labels)
    model.load_tensors(tensors, source=str(name))
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
    if not hasattr(config, "model_type"):
        config = checkpoint.read_config(hub.find(config))
    family = _check_family_can(config, task)
    config = copy.deepcopy(config)
    if task == "classification":
        _set_labels(config, num_labels)
    model = MODELS[family.kind](family, config, task)
    seed = int(np.random.randint(2**31)) if seed is None else seed
    model.seed(seed)
    return model


def _check_task(task, num_labels):
    if task not in TASKS:
        accepted = ", ".join(repr(name) for name in TASKS)
        raise ValueError(f"task must be one of {accepted}; got {task!r}.")
    if num_labels is None:
        return
    is_count = isinstance(num_labels, numbers.Integral) and num_labels >= 1
    if task != "classification" or not is_count:
        raise ValueError(
            f"num_labels is a whole number ≥ 1 for task='classification'; got {num_labels!r} with task={task!r}."
        )


def _check_family_can(config, task):
    """The family of a config, when it has a head for the task."""
    family = families.of(config)
    if task not in family.architectures:
        accepted = ", ".join(repr(name) for name in family.architectures)
        raise ValueError(f"A {family.title} checkpoint has no head for task={task!r}. Accepted for it: {accepted}.")
    return family


def _set_labels(config, num_labels):
    if num_labels is not None and num_labels != config.num_labels:
        config.num_labels = num_labels  # also renames the labels LABEL_0, LABEL_1, …


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
