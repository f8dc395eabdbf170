"""Sentence embeddings: one vector for a text, near those of texts that mean the same.

The vector is the mean of the token vectors in the last layer; padding is left out of it. A checkpoint must be
made for that, such as sentence-transformers/all-MiniLM-L6-v2: the vectors of one that has only learned to fill
gaps are poor. Letters: N texts, B batch, L length, D width.

Source: Reimers and Gurevych 2019, "Sentence-BERT", arXiv:1908.10084.
"""

import os

import numpy as np
from tqdm.auto import tqdm

from ktlearn import models
from ktlearn.models import checkpoint
from ktlearn.support.answering import answer
from ktlearn.support.arguments import check_flag, check_whole
from ktlearn.support.bars import BAR_FROM
from ktlearn.text.batches import by_length, in_order
from ktlearn.text.transformer import Transformer


class SentenceEncoder:
    """Turns texts into vectors.

    Args:
        model_name: a BERT or DistilBERT checkpoint made for sentence embeddings with mean pooling.
        maxlen: the longest text in tokens; the rest is cut. 256 is what such checkpoints are usually trained with.
        revision: a branch, tag or commit, for a name on the hub.

    Raises:
        ValueError: the checkpoint says that it pools in another way. For the rest see
            :class:`ktlearn.text.Transformer`.

    >>> encoder = SentenceEncoder("ktlearn/mini-bert-en")  # made to fill gaps, so its vectors are poor
    >>> film, movie, rain = encoder.encode(["A good film.", "A good movie.", "Rain."])
    >>> film.shape
    (192,)
    >>> bool(film @ movie > film @ rain)
    True
    """

    def __init__(self, model_name, maxlen=256, revision=None):
        self.preproc = Transformer(model_name, maxlen, revision=revision)
        _check_pooling(self.preproc.folder)
        self.model = models.from_pretrained(self.preproc.folder, verbose=0)

    def encode(self, texts, normalize=True, batch_size=32, verbose=1):
        """The vector of a text ``(D,)``, or of each text of a list ``(N, D)``.

        Args:
            texts: one text, or a list of texts.
            normalize: True for vectors of length 1, so that ``a @ b.T`` is the cosine of their angles.
            batch_size: texts at once.
            verbose: 0 for no bar; there is one from 500 texts on.

        Raises:
            ValueError, TypeError: the list is empty, or an item is not a text.
        """
        check_whole("batch_size", batch_size)
        check_flag("normalize", normalize)
        data = self.preproc.preprocess([texts] if isinstance(texts, str) else texts)
        batches, order = by_length(data, batch_size)
        vectors = []
        with tqdm(total=len(data), unit=" texts", disable=not verbose or len(data) < BAR_FROM) as bar:
            for number in range(len(batches)):
                inputs = batches[number]
                vectors.append(mean_pooling(answer(self.model, inputs), inputs["attention_mask"]))
                bar.update(len(vectors[-1]))
        vectors = in_order(np.concatenate(vectors), order)
        if normalize:
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors[0] if isinstance(texts, str) else vectors


def mean_pooling(hidden, attention_mask):
    """The mean of each text's token vectors: ``(B, L, D)`` and ``(B, L)`` of 0 and 1 to ``(B, D)``.

    >>> mean_pooling(np.array([[[2.0], [4.0], [99.0]]]), np.array([[1, 1, 0]])).tolist()
    [[3.0]]
    """
    mask = np.asarray(attention_mask)[..., None]
    return (np.asarray(hidden) * mask).sum(1) / mask.sum(1)


def _check_pooling(folder):
    """sentence-transformers writes down how a checkpoint is to be pooled; the hub's copy may lack that file here."""
    path = folder / "1_Pooling" / "config.json"
    if not os.path.lexists(path):
        return
    settings = checkpoint.read_json(path)
    if not isinstance(settings, dict):
        raise ValueError(f"{path} is damaged: it must hold settings; got {settings!r:.80}. Get the file again.")
    modes = [name for name, is_on in settings.items() if name.startswith("pooling_mode_") and is_on is True]
    if modes not in ([], ["pooling_mode_mean_tokens"]):
        raise ValueError(f"{folder} is made for {', '.join(modes)}; SentenceEncoder takes the mean of the tokens only.")
