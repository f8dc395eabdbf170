"""`Transformer`: from raw texts and labels to batches and a model, with ktrain's names."""

import copy
import warnings
from typing import Literal, overload

import numpy as np

from ktlearn import models
from ktlearn.kinds import CLASSES, MULTILABEL, REGRESSION
from ktlearn.models import checkpoint, families, hub
from ktlearn.support.arguments import check_flag, check_name, check_seed, check_share, check_whole, is_whole
from ktlearn.support.characters import say
from ktlearn.text.check_texts import are_pairs, check_not_blank, checked_texts
from ktlearn.text.dataset import TextDataset
from ktlearn.text.label_summary import label_lines
from ktlearn.text.labels import Labels
from ktlearn.text.lengths import length_sentence, length_stats, unknown_sentence
from ktlearn.text.losses import check_metrics, compile_for
from ktlearn.text.split import split
from ktlearn.text.tokenizer import check_vocabulary, read_tokenizer

TOKENIZE_AT_ONCE = 1000  # texts
BAR_FROM = 5000  # texts; below, tokenizing takes less than a second or two


class Transformer:
    """Prepare texts for a published Transformer, and build it for the task.

    This is ktrain's preprocessor. The model of the paper, with encoder and decoder, is
    :class:`ktlearn.seq2seq.Transformer`.

    Args:
        model_name: a name on the hub, a folder, or a bundled model ("ktlearn/mini-bert-en").
        maxlen: the longest text in tokens, [CLS] and [SEP] included; what is longer is cut. None is as long
            as the model can read.
        class_names: the classes, in the order of the model's outputs. May be left out.
        classes: ktrain's older name of ``class_names``.
        batch_size, use_with_learner: with ``use_with_learner=False`` the preprocess methods give
            batches of this size for Keras' own ``model.fit``. A learner wants the default.
        is_regression: True to predict the number itself when the labels are integers.
        revision: a branch, tag or commit, for a name on the hub.
        cap_maxlen: True to take the model's positions where ``maxlen`` is more, instead of refusing it.

    Raises:
        ValueError: maxlen below 3 or above the model's positions, unusable class names, a family that has no
            classifier (GPT-2, T5), or a tokenizer without a padding token.
        FileNotFoundError: the checkpoint has no tokenizer. For the rest see ``ktlearn.models.hub.find``.

    >>> t = Transformer("ktlearn/mini-bert-en", maxlen=64, class_names=["negative", "positive"])
    >>> trn = t.preprocess_train(["Bad.", "Good.", "Good again."], [0, 1, 1], verbose=0)
    >>> trn
    <TextDataset: 3 texts, 13 tokens, classes ['negative', 'positive']>
    """

    def __init__(
        self,
        model_name,
        maxlen=128,
        class_names=(),
        classes=(),
        batch_size=None,
        use_with_learner=True,
        is_regression=False,
        revision=None,
        *,
        cap_maxlen=False,
    ):
        check_name("model_name", model_name, '"bert-base-uncased"')
        if maxlen is not None and (not is_whole(maxlen) or maxlen < 3):
            raise ValueError(f"maxlen must be a whole number, at least 3 ([CLS], one token, [SEP]); got {maxlen!r}.")
        check_flag("use_with_learner", use_with_learner)
        if batch_size is not None:
            check_whole("batch_size", batch_size)
        elif not use_with_learner:
            raise ValueError("use_with_learner=False gives batches for Keras: say how large with batch_size=….")
        labels, older = Labels(class_names, is_regression), Labels(classes, is_regression)
        if labels.values and older.values not in ([], labels.values):
            raise ValueError(f"classes is class_names' older name: give one; got {older.values} and {labels.values}.")
        self.take_labels(labels if labels.values else older)
        self.model_name = str(model_name)
        self.batch_size, self.use_with_learner = batch_size, use_with_learner
        self.folder = hub.find(model_name, revision)
        self.config = checkpoint.read_config(self.folder)
        family = _family_with_a_classifier(self.config, model_name)
        positions = family.settings(self.config).max_positions
        if maxlen is None or (cap_maxlen and maxlen > positions):
            maxlen = positions
        self.maxlen = int(maxlen)
        if self.maxlen > positions:
            raise ValueError(
                f"maxlen={maxlen} is more than the {positions} positions that {model_name!r} has learned. "
                f"Use maxlen={positions} or less."
            )
        self.tokenizer = read_tokenizer(self.folder, self.config.vocab_size, family)

    @overload
    def preprocess_train(self, texts, y, mode: str = ..., verbose: int = ...) -> TextDataset: ...

    @overload
    def preprocess_train(
        self,
        texts,
        y,
        mode: str = ...,
        verbose: int = ...,
        *,
        preprocess_mode: Literal["bert", "distilbert"],
        val_pct: float = ...,
        random_state: int = ...,
    ) -> "tuple[TextDataset, TextDataset, Transformer]": ...

    def preprocess_train(
        self, texts, y=None, mode="train", verbose=1, *, preprocess_mode=None, val_pct=0.1, random_state=0
    ):
        """Tokenize the training texts and learn what their labels mean.

        Args:
            texts: list, tuple, array or Series of strings, or of pairs of strings.
            y: their labels; see :class:`ktlearn.text.labels.Labels` for all that is accepted.
            mode: the word that the printed line starts with.
            verbose: 0 prints nothing; 1 prints the lengths, and the classes with their counts and a first text.
            preprocess_mode: with "bert" or "distilbert" (the model's family) a part of the texts is
                set aside for validation, and the answer is ``(trn, val, preproc)``.
            val_pct: the share of that part.
            random_state: the seed of that split.

        Returns:
            A :class:`TextDataset`; with ``preprocess_mode``, two of them and this object.

        Raises:
            ValueError, TypeError: before any work, for unusable texts or labels.
        """
        self._check_mode(preprocess_mode, val_pct, random_state)
        texts = checked_texts(texts)
        if y is None:
            raise ValueError("y: training needs labels; got None. For texts without labels use preprocess_test.")
        check_not_blank(texts)
        labels = copy.copy(self._given_labels)
        encoded = labels.fit(y, len(texts))
        if preprocess_mode is None:
            labels.learn_unit(encoded)
            self.labels = labels
            return self._handed_over(self._tokenized(texts, encoded, mode, verbose, shows_labels=True), shuffle=True)
        kept, held = split(encoded, labels.kind, val_pct, random_state)
        labels.learn_unit(encoded[kept])
        self.labels = labels
        trn = self._tokenized([texts[i] for i in kept], encoded[kept], mode, verbose, shows_labels=True)
        val = self._tokenized([texts[i] for i in held], encoded[held], "validation", verbose)
        return self._handed_over(trn, shuffle=True), self._handed_over(val), self

    def preprocess_test(self, texts, y=None, verbose=1, mode="test"):
        """Tokenize validation or test texts; ``y`` may be missing when only a prediction is wanted.

        Raises:
            ValueError: ``preprocess_train`` has not run yet, a label is unknown, or as there.
        """
        texts = checked_texts(texts)
        if y is not None and self.labels.kind is None:
            raise ValueError("Call preprocess_train first: the labels' meaning is learned from the training set.")
        encoded = None if y is None else self.labels.encode(y, len(texts))
        return self._handed_over(self._tokenized(texts, encoded, mode, verbose))

    def take_labels(self, labels):
        """From now on the labels mean this, as in a saved predictor; ``preprocess_train`` begins from it."""
        self._given_labels = labels
        self.labels = copy.copy(labels)

    def get_classifier(self, fpath=None, multilabel=None, metrics=None, pretrained=True):
        """The model with a fresh classification head, compiled: AdamW, cross-entropy, accuracy.

        Args:
            fpath: a folder written by ``save_pretrained`` to take the weights from instead.
            multilabel: True for multilabel, although each training text has one class.
            metrics: Keras metrics instead of the accuracy.
            pretrained: False for a random start of the same architecture, to see what pretraining is worth.

        Raises:
            ValueError: the classes are not known, or the labels were numbers (a regression).
        """
        if self.labels.kind == REGRESSION:
            raise ValueError(
                "The labels are numbers, so this is a regression: use get_regression_model(). "
                "For classes give integers or names, or class_names=[…]."
            )
        if not self.labels.class_names:
            raise ValueError("The classes are not known yet: give class_names=[…], or call preprocess_train first.")
        if multilabel is None:
            multilabel = self.labels.kind == MULTILABEL
        if not multilabel and self.labels.kind == MULTILABEL:
            raise ValueError("multilabel=False, but the training labels are multilabel: texts with several classes.")
        if multilabel and self.labels.kind == CLASSES:
            self.labels = copy.copy(self.labels)  # the data sets that exist already keep theirs
            self.labels.kind = MULTILABEL  # the predictor reads it there
        return self._compiled(fpath, MULTILABEL if multilabel else CLASSES, metrics, pretrained)

    def get_regression_model(self, fpath=None, metrics=None, pretrained=True):
        """The model with one output, compiled: AdamW, mean squared error, mean absolute error.

        It learns numbers of mean 0 and spread 1 and answers in the unit of the labels, so that unit does not decide
        whether it learns. The loss is that of the scaled numbers; mean absolute error and answers are in the unit.

        Raises:
            ValueError: the labels were classes.
        """
        if self.labels.kind in (CLASSES, MULTILABEL) or self.labels.class_names:
            raise ValueError(
                "The labels are classes: use get_classifier(). To predict integers as numbers, build the "
                "Transformer with is_regression=True; floats without class_names are numbers already."
            )
        return self._compiled(fpath, REGRESSION, metrics, pretrained)

    def get_model(self, fpath=None):
        """The classifier or the regression model, as the training labels ask."""
        return self.get_regression_model(fpath) if self.labels.kind == REGRESSION else self.get_classifier(fpath)

    def get_tokenizer(self):
        """The checkpoint's tokenizer, from transformers."""
        return self.tokenizer

    @property
    def tok(self):
        """ktrain's name of the tokenizer, to read and to set."""
        return self.tokenizer

    @tok.setter
    def tok(self, tokenizer):
        self.tokenizer = tokenizer

    def get_classes(self):
        """The class names in the order of the model's outputs; empty for a regression."""
        return list(self.labels.class_names)

    def seqlen_stats(self, texts):
        """Lengths in tokens: ``{"mean", "95percentile", "99percentile", "longest", "covered"}``.

        ``covered`` is the share of the texts that ``maxlen`` takes in whole.
        """
        ids, _ = self._tokenize(checked_texts(texts), cut=False)
        return length_stats([len(row) for row in ids], self.maxlen)

    def print_seqlen_stats(self, texts, mode="train"):
        """Print :meth:`seqlen_stats` as one sentence."""
        say(length_sentence(mode, len(texts), self.seqlen_stats(texts), self.maxlen))

    def preprocess(self, texts):
        """Texts as a data set without labels, in their order: what a predictor needs."""
        return self._tokenized(checked_texts(texts), None, "texts", verbose=0)

    def _handed_over(self, dataset, shuffle=False):
        """The data set for a learner, or its batches for Keras."""
        return dataset if self.use_with_learner else dataset.batches(self.batch_size, shuffle).for_keras()

    def _tokenized(self, texts, y, mode, verbose, shows_labels=False):
        """The data set; and in print how long its texts are, and what their labels are."""
        ids, segments = self._tokenize(texts, bar=bool(verbose))
        if verbose:
            is_cut = max(map(len, ids)) >= self.maxlen
            whole, _ = self._tokenize(texts, cut=False) if is_cut else (ids, None)
            stats = length_stats([len(row) for row in whole], self.maxlen)
            say(length_sentence(mode, len(texts), stats, self.maxlen))
            if sentence := unknown_sentence(ids, self.tokenizer.unk_token_id):
                say(sentence)
            if shows_labels:
                say("\n".join(label_lines(self.labels, y, texts)))
        return TextDataset(ids, segments, y, texts, self.labels, self.tokenizer.pad_token_id, self.maxlen)

    def _tokenize(self, texts, cut=True, bar=False):
        """Token ids and segment ids (None unless pairs) of each text.

        Raises:
            ValueError: the tokenizer was given more tokens than the model has vectors for.
        """
        check_vocabulary(self.tokenizer, self.config.vocab_size)
        pairs = are_pairs(texts)
        ids, segments = [], [] if pairs and "token_type_ids" in self.tokenizer.model_input_names else None
        starts = range(0, len(texts), TOKENIZE_AT_ONCE)
        if bar and len(texts) >= BAR_FROM:
            from tqdm.auto import tqdm

            starts = tqdm(starts, desc="tokenizing", unit="k texts")
        for start in starts:
            part = texts[start : start + TOKENIZE_AT_ONCE]
            first, second = zip(*part, strict=True) if pairs else (part, None)
            encoded = self.tokenizer(
                list(first),
                None if second is None else list(second),
                truncation=cut,
                max_length=self.maxlen if cut else None,
                return_attention_mask=False,
                verbose=False,
            )
            ids.extend(np.array(row, "int32") for row in encoded["input_ids"])
            if segments is not None:
                segments.extend(np.array(row, "int8") for row in encoded["token_type_ids"])
        return ids, segments

    def _compiled(self, fpath, kind, metrics, pretrained):
        check_metrics(metrics)
        if fpath and not pretrained:
            raise ValueError("pretrained=False begins with random weights, so there is nothing to take from fpath.")
        classes = self.labels.class_names
        outputs = 1 if kind == REGRESSION else len(classes)
        if pretrained:
            wanted = dict(num_labels=1) if kind == REGRESSION else dict(labels=classes)
            model = models.from_pretrained(fpath or self.folder, task="classification", verbose=0, **wanted)
            if model.own_head:
                say(model.own_head)
        else:
            model = models.from_config(self.config, task="classification", num_labels=outputs)
        if kind != REGRESSION:
            model.config.id2label = dict(enumerate(classes))
            model.config.label2id = {name: i for i, name in enumerate(classes)}
        elif self.labels.unit is None:
            warnings.warn(
                "The labels' mean and spread are not known yet, so the model would learn in their own unit, which may "
                "go wrong for large numbers. Call preprocess_train first.",
                stacklevel=3,
            )
        elif pretrained and not model.loading.fresh:
            model.head.set_unit(*self.labels.unit)
        else:
            model.head.unit = self.labels.unit
        return compile_for(model, kind, metrics)

    def _check_mode(self, preprocess_mode, val_pct, random_state):
        if preprocess_mode is None:
            return
        if preprocess_mode != self.config.model_type:
            raise ValueError(
                f"preprocess_mode={preprocess_mode!r}, but {self.model_name!r} is of the family "
                f"{self.config.model_type!r}. Give that one, or leave preprocess_mode out."
            )
        check_share("val_pct", val_pct)
        check_seed("random_state", random_state)


def _family_with_a_classifier(config, model_name):
    """The family of a checkpoint, refused while nothing else is read of it when it cannot classify."""
    family = families.of(config)
    if "classification" not in family.architectures:
        able = ", ".join(other.title for other in families.FAMILIES.values() if "classification" in other.architectures)
        tasks = " or ".join(f"task={task!r}" for task in family.architectures if task)
        raise ValueError(
            f"{model_name!r} is a {family.title} checkpoint, which has no classifier. Take one of {able}; or, to use "
            f"this one as it is, ktlearn.models.from_pretrained({str(model_name)!r}, {tasks})."
        )
    return family
