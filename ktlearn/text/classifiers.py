"""ktrain's short names of models, and the checkpoints they stand for."""

from ktlearn.models.families import FAMILIES
from ktlearn.support.bundled import bundled_models
from ktlearn.support.characters import say
from ktlearn.text.dataset import TextDataset, joined
from ktlearn.text.transformer import Transformer

# name: {language: checkpoint}; None is any other language.
NAMES = {"standard": {"en": "ktlearn/mini-bert-en"}}
for _family in FAMILIES.values():
    NAMES |= _family.short_names
WORD_MODELS = ("fasttext", "logreg", "nbsvm", "bigru", "standard_gru", "linreg")


def checkpoint_for(name, lang=None):
    """The checkpoint behind "standard", "bert", "distilbert" and the like; any other name is a checkpoint itself.

    Args:
        name: as above.
        lang: the texts' language ("en", "zh", "de", …); None is English. It is not detected.

    Raises:
        ValueError: the name is one of ktrain's models without a Transformer, or has no model for the language.
    """
    if name in WORD_MODELS:
        raise ValueError(
            f"{name!r} is one of ktrain's models without a Transformer; ktlearn has none of them. Use one of "
            f"{', '.join(map(repr, NAMES))}, or a checkpoint's name. As a baseline, scikit-learn's TfidfVectorizer "
            "with LogisticRegression is quick and strong."
        )
    if name not in NAMES:
        return str(name)
    checkpoints = NAMES[name]
    if lang in (None, "en"):
        return checkpoints["en"]
    if lang not in checkpoints and None not in checkpoints:
        raise ValueError(f"{name!r} is for English texts; for lang={lang!r} use 'bert', which needs a network.")
    return checkpoints.get(lang, checkpoints.get(None))


def text_classifier(name, train_data, preproc=None, multilabel=None, metrics=None, verbose=1):
    """The classifier for what ``texts_from_…`` returned; ktrain's way to say ``preproc.get_classifier()``.

    Args:
        name: the ``preprocess_mode`` that the texts were prepared with, or the checkpoint's name.
        train_data: the training data, first of the three.
        preproc: the third of the three.
        multilabel, metrics: see :meth:`ktlearn.text.Transformer.get_classifier`.
        verbose: 1 says in one line what was built.

    Raises:
        ValueError: the name is another one than that of the texts, or the labels are numbers.
        TypeError: ``train_data`` or ``preproc`` is missing or something else.

    >>> from ktlearn.text import texts_from_array
    >>> texts, labels = ["Bad.", "Good.", "Poor.", "Fine."], ["negative", "positive"] * 2
    >>> trn, val, preproc = texts_from_array(texts, labels, texts, labels, maxlen=32, verbose=0)
    >>> model = text_classifier("standard", trn, preproc)
    ktlearn/mini-bert-en: 5,... parameters, 2 output(s)
    """
    _check(name, train_data, preproc)
    return _said(preproc, preproc.get_classifier(multilabel=multilabel, metrics=metrics), verbose)


def text_regression_model(name, train_data, preproc=None, metrics=None, verbose=1):
    """The same for numbers; see :func:`text_classifier`.

    >>> from ktlearn.text import texts_from_array
    >>> texts, stars = ["Bad.", "Good.", "Poor.", "Fine."], [1.0, 4.5, 1.5, 4.0]
    >>> trn, val, preproc = texts_from_array(texts, stars, texts, stars, maxlen=32, verbose=0)
    >>> text_regression_model("standard", trn, preproc, verbose=0).num_labels
    1
    """
    _check(name, train_data, preproc)
    return _said(preproc, preproc.get_regression_model(metrics=metrics), verbose)


def print_text_classifiers():
    """Print the names that ``preprocess_mode`` and :func:`text_classifier` take.

    >>> print_text_classifiers()
    standard: ktlearn/mini-bert-en, a small English BERT that comes with ktlearn; no network needed
    bert: bert-base-uncased; with lang='zh' ...
    """
    say("standard: ktlearn/mini-bert-en, a small English BERT that comes with ktlearn; no network needed")
    for short, checkpoints in NAMES.items():
        if short != "standard":
            own = [f"with lang={lang!r} {name}" for lang, name in checkpoints.items() if lang not in ("en", None)]
            say(f"{short}: {checkpoints['en']}; {', '.join([*own, f'with any other lang {checkpoints[None]}'])}")
    say(f"or the name of a model that comes with ktlearn: {', '.join(bundled_models())}")
    titles = ", ".join(family.title for family in FAMILIES.values() if "classification" in family.architectures)
    say(f"or the name of any checkpoint of these families on the hub, or a folder that holds one: {titles}")


print_text_regression_models = print_text_classifiers


def _check(name, train_data, preproc):
    if not isinstance(preproc, Transformer):
        raise TypeError(
            "preproc must be the third of the three things that texts_from_… returned (or your text.Transformer); "
            f"got {type(preproc).__name__}."
        )
    if not isinstance(joined(train_data), TextDataset):
        raise TypeError(f"train_data must be the first of the three; got {type(train_data).__name__}.")
    checkpoint_for(name)  # refuses ktrain's other models
    accepted = [*(short for short in NAMES if preproc.model_name in NAMES[short].values()), preproc.model_name]
    if str(name) not in accepted:
        raise ValueError(
            f"name: the texts were prepared for {' = '.join(map(repr, accepted))}; got {str(name)!r}. Give that name, "
            f"or prepare the texts again with preprocess_mode={str(name)!r}."
        )


def _said(preproc, model, verbose):
    if verbose:
        say(f"{preproc.model_name}: {model.count_params():,} parameters, {model.num_labels} output(s)")
    return model
