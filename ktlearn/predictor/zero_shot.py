"""Zero-shot classification: classes that no training has seen, named only now.

A model of textual entailment has learned whether a first text, the premise, implies a second one, the
hypothesis. The text to classify is the premise, and each class makes a hypothesis: "This text is about sport."

Source: Yin, Hay and Roth 2019, "Benchmarking Zero-shot Text Classification", arXiv:1909.00161.
"""

import numpy as np

from ktlearn import models
from ktlearn.kinds import CLASSES, probabilities
from ktlearn.support.arguments import check_flag, check_whole
from ktlearn.text.check_texts import checked_texts
from ktlearn.text.transformer import Transformer

TEMPLATE = "This text is about {}."


class ZeroShotClassifier:
    """Classify texts by labels given with the question.

    Args:
        model_name: a BERT or DistilBERT checkpoint fine-tuned for entailment (NLI: MNLI, SNLI, XNLI), one of
            whose labels is called "entailment".
        maxlen: the longest text with its hypothesis, in tokens; None is as long as the model can read.
        revision: a branch, tag or commit, for a name on the hub.

    Raises:
        ValueError: the checkpoint is not made for entailment. For the rest see :class:`ktlearn.text.Transformer`.

    >>> classifier = ZeroShotClassifier("a-folder-or-name-of-an-NLI-model")  # doctest: +SKIP
    >>> classifier.predict("The match ended 2:1.", ["sport", "weather"], include_labels=True)  # doctest: +SKIP

    Other checkpoints are refused:

    >>> ZeroShotClassifier("ktlearn/mini-bert-en")
    Traceback (most recent call last):
    ValueError: 'ktlearn/mini-bert-en' has the labels ['LABEL_0', 'LABEL_1'], and none is 'entailment'. ...
    """

    def __init__(self, model_name, maxlen=None, revision=None):
        self.preproc = Transformer(model_name, maxlen, revision=revision)
        written = self.preproc.config.id2label
        names = {number: name.lower() for number, name in written.items()}
        self._entailment = next((number for number, name in names.items() if name == "entailment"), None)
        if self._entailment is None:
            raise ValueError(
                f"{model_name!r} has the labels {list(written.values())}, and none is 'entailment'. "
                "Zero-shot classification needs a checkpoint fine-tuned for entailment (NLI). If this one is, its "
                "config.json must name the labels in id2label."
            )
        # Against a contradiction, as usual; a model with two labels has "not entailment" in its place.
        others = [number for number, name in names.items() if name == "contradiction"]
        self._against = others or [number for number in names if number != self._entailment]
        self.model = models.from_pretrained(self.preproc.folder, task="classification", verbose=0)
        if self.model.loading.fresh:
            raise ValueError(
                f"{model_name!r} has no classification head: {', '.join(self.model.loading.fresh)} are missing."
            )

    def predict(
        self, docs, labels, include_labels=False, multilabel=True, batch_size=8, nli_template=TEMPLATE, verbose=1
    ):
        """How well each label fits each text.

        Args:
            docs: one text, or a list of texts.
            labels: the labels, words or short phrases.
            include_labels: True for ``(label, probability)`` instead of the numbers alone.
            multilabel: True asks of each label by itself, and a text may have several or none; False shares 1 out
                among the labels.
            batch_size: texts with a hypothesis at once.
            nli_template: the hypothesis, with ``{}`` where the label goes. It matters: try others.
            verbose: 0 for no bar.

        Returns:
            ``(labels,)`` for one text, else ``(N, labels)``; with ``include_labels`` lists.

        Raises:
            ValueError, TypeError: no texts or labels, a label twice, or a template without ``{}``.
        """
        check_whole("batch_size", batch_size)
        check_flag("include_labels", include_labels)
        check_flag("multilabel", multilabel)
        if not isinstance(nli_template, str):
            raise TypeError(f"nli_template must be a string with {{}} in it; got {nli_template!r}.")
        texts = checked_texts([docs] if isinstance(docs, str) else docs, "docs")
        labels = checked_texts(labels, "labels")
        if len(set(labels)) < len(labels):
            raise ValueError(f"labels: one occurs twice in {labels}.")
        if nli_template.count("{}") != 1:
            raise ValueError(f"nli_template must hold {{}} once, where the label goes; got {nli_template!r}.")
        pairs = [(text, nli_template.replace("{}", label)) for text in texts for label in labels]
        logits = self.preproc.preprocess(pairs).outputs(self.model, batch_size, verbose)
        scores = self._probabilities(logits.reshape(len(texts), len(labels), -1), multilabel)
        answers = [list(zip(labels, row.tolist(), strict=True)) for row in scores] if include_labels else scores
        return answers[0] if isinstance(docs, str) else answers

    def _probabilities(self, logits, multilabel):
        """From ``(N, labels, outputs)`` to ``(N, labels)``."""
        entailed = logits[..., self._entailment]
        if not multilabel:
            return probabilities(entailed, CLASSES)
        against = logits[..., self._against]
        return probabilities(np.concatenate([entailed[..., None], against], axis=-1), CLASSES)[..., 0]
