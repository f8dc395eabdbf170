"""ktrain's loaders: texts from lists, data frames, CSV files and folders to ``(trn, val, preproc)``."""

import warnings
from pathlib import Path

from ktlearn.support.arguments import check_flag, check_name, check_seed, check_share
from ktlearn.text.classifiers import checkpoint_for
from ktlearn.text.encodings import check_encoding, read_texts
from ktlearn.text.tables import labels_as_written, read_csv, texts_and_labels
from ktlearn.text.transformer import Transformer

MAXLEN = 400  # ktrain's
SYSTEMS = ("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "__macosx", "__pycache__", "lost+found")


def texts_from_array(
    x_train,
    y_train,
    x_test=None,
    y_test=None,
    class_names=(),
    max_features=20000,
    maxlen=MAXLEN,
    val_pct=0.1,
    ngram_range=1,
    preprocess_mode="standard",
    lang=None,
    random_state=None,
    verbose=1,
    is_regression=False,
):
    """Prepare texts for a Transformer, and set a part of them aside for validation.

    Args:
        x_train, y_train: texts (or pairs of texts) and labels; see :class:`ktlearn.text.labels.Labels`.
        x_test, y_test: texts and labels to validate with, instead of a part of the training texts.
        class_names: the classes in the order of the model's outputs. May be left out.
        max_features, ngram_range: ktrain's, for models that count words. They change nothing here, since a
            checkpoint brings its own vocabulary.
        maxlen: the longest text in tokens. 400, or the model's positions if it has learned fewer.
        val_pct: the share set aside for validation when there is no ``x_test``.
        preprocess_mode: "standard" is here the small BERT that comes with ktlearn, for English, without a
            network. "bert" and "distilbert" are the usual published ones; the name of any other checkpoint
            of these families, or a folder, may be given too.
        lang: the language, when it is not English: "zh", "de", …; see :func:`print_text_classifiers`.
        random_state: seed of that choice; None takes NumPy's global state.
        verbose: 0 prints nothing.
        is_regression: True to predict the number itself when the labels are integers.

    Returns:
        ``(trn, val, preproc)``: two data sets for ``get_learner``, and the :class:`~ktlearn.text.Transformer`
        that made them, for ``text_classifier`` and ``get_predictor``.

    Raises:
        ValueError, TypeError: unusable texts, labels or settings; says which and what to do.

    >>> texts, labels = ["Bad.", "Good.", "Poor.", "Fine."], ["negative", "positive"] * 2
    >>> trn, val, preproc = texts_from_array(texts, labels, texts, labels, maxlen=32, verbose=0)
    >>> trn
    <TextDataset: 4 texts, 16 tokens, classes ['negative', 'positive']>
    """
    if max_features != 20000 or ngram_range != 1:
        warnings.warn("max_features and ngram_range change nothing: a checkpoint has its own vocabulary.", stacklevel=2)
    if (x_test is None) != (y_test is None):
        missing = "x_test" if x_test is None else "y_test"
        raise ValueError(f"x_test and y_test belong together: give both, or none of them; got {missing}=None.")
    check_name("preprocess_mode", preprocess_mode, '"standard"')
    check_share("val_pct", val_pct)
    check_seed("random_state", random_state)
    preproc = Transformer(
        checkpoint_for(preprocess_mode, lang),
        maxlen,
        class_names,
        is_regression=is_regression,
        cap_maxlen=maxlen == MAXLEN,  # some models have learned fewer positions than ktrain's usual length
    )
    if x_test is None:
        family = preproc.config.model_type
        return preproc.preprocess_train(
            x_train, y_train, verbose=verbose, preprocess_mode=family, val_pct=val_pct, random_state=random_state
        )
    trn = preproc.preprocess_train(x_train, y_train, verbose=verbose)
    return trn, preproc.preprocess_test(x_test, y_test, verbose=verbose, mode="validation"), preproc


def texts_from_df(train_df, text_column, label_columns=(), val_df=None, is_regression=False, **options):
    """The same from a pandas data frame.

    Args:
        train_df: the data frame.
        text_column: the name of the column with the texts; for pairs of texts a list of two names.
        label_columns: the column with the labels (names, integers, numbers), or a list of columns of 0 and 1,
            one for each class: a text may then have several.
        val_df: a data frame to validate with, instead of a part of ``train_df``.
        is_regression: True to predict the number itself when the labels are integers.
        **options: ``maxlen``, ``val_pct``, ``preprocess_mode``, ``lang``, ``random_state``, ``verbose`` as in
            :func:`texts_from_array`.

    Raises:
        ValueError: a column is not there (the message lists those that are), a cell is empty, there are no
            rows; or as :func:`texts_from_array`.

    >>> import pandas as pd
    >>> frame = pd.DataFrame({"text": ["Bad.", "Good.", "Poor.", "Fine."], "mood": ["negative", "positive"] * 2})
    >>> trn, val, preproc = texts_from_df(frame, "text", "mood", val_df=frame, maxlen=32, verbose=0)
    >>> len(trn), preproc.get_classes()
    (4, ['negative', 'positive'])
    """
    texts, labels, class_names = texts_and_labels(train_df, text_column, label_columns, "train_df")
    x_test = y_test = None
    if val_df is not None:
        x_test, y_test, _ = texts_and_labels(val_df, text_column, label_columns, "val_df")
    return texts_from_array(texts, labels, x_test, y_test, class_names, is_regression=is_regression, **options)


def texts_from_csv(
    train_filepath,
    text_column,
    label_columns=(),
    val_filepath=None,
    encoding=None,
    sep=",",
    is_regression=False,
    quoting=0,
    header=0,
    **options,
):
    """The same from a CSV file with a first line of column names, as it is or compressed.

    A cell that is empty is missing; the words NA, None and null are words. Labels are what the file says: integers
    only where every label of both files is written as one; 007 stays a code. A long file shows a bar.

    Args:
        train_filepath: the file.
        text_column, label_columns, is_regression: as in :func:`texts_from_df`.
        val_filepath: a file to validate with.
        encoding: None to have it detected: UTF-8, UTF-16 with a mark, and the usual Western, Central European,
            Cyrillic, Greek, Turkish, Chinese, Japanese and Korean ones.
        sep: what stands between two cells.
        quoting: 3 when quotation marks are letters like others, as in many tab-separated files; as in pandas.
        header: None for a file without a line of column names; its columns are called 0, 1, ….
        **options: as in :func:`texts_from_array`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is empty, is no table, is of another encoding or has a wrong byte (its line is named), or
            a text that begins with a quotation mark holds the lines after it; or as :func:`texts_from_df`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "moods.csv")
    ...     _ = path.write_text("text,mood\\nBad.,negative\\nGood.,positive\\nPoor.,negative\\nFine.,positive\\n")
    ...     trn, val, preproc = texts_from_csv(path, "text", "mood", path, maxlen=32, verbose=0)
    >>> len(trn), preproc.get_classes()
    (4, ['negative', 'positive'])
    """
    check_flag("is_regression", is_regression)
    how = (text_column, label_columns, encoding, sep, quoting, header, options.get("verbose", 1))
    train_df = read_csv(train_filepath, *how)
    val_df = None if val_filepath is None else read_csv(val_filepath, *how)
    train_df, val_df = labels_as_written(train_df, val_df, label_columns, is_regression)
    return texts_from_df(train_df, text_column, label_columns, val_df, is_regression, **options)


def texts_from_folder(datadir, classes=None, train_test_names=("train", "test"), encoding=None, **options):
    """The same from a folder of text files, where the name of a file's folder is its class.

    ::

        datadir/train/negative/a.txt      datadir/test/negative/c.txt
        datadir/train/positive/b.txt      datadir/test/positive/d.txt

    Args:
        datadir: the folder.
        classes: the subfolders that are classes, in the order of the model's outputs; None for all of them.
        train_test_names: the names of the training and of the validation folder. With one name only, a part of
            the training texts is set aside; ``[""]`` when the class folders lie in ``datadir`` itself.
        encoding: of all the files; None to have it detected, as in :func:`texts_from_csv`.
        **options: as in :func:`texts_from_array`.

    Raises:
        FileNotFoundError: a folder is not there; the message lists those that are.
        ValueError: a class has no files, or folders in its folder, or there are fewer than two classes; or as
            :func:`texts_from_array`.
        TypeError: ``classes`` is no list of names.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in [("negative/a", "Bad."), ("negative/b", "Poor."), ("positive/c", "Good.")]:
    ...         path = Path(folder, f"train/{name}.txt")
    ...         path.parent.mkdir(parents=True, exist_ok=True)
    ...         _ = path.write_text(text)
    ...     trn, val, preproc = texts_from_folder(folder, train_test_names=["train"], maxlen=32, verbose=0)
    >>> len(trn), len(val), preproc.get_classes()
    (2, 1, ['negative', 'positive'])
    """
    check_name("datadir", datadir, '"reviews"')
    check_encoding(encoding)
    if isinstance(classes, (str, bytes, dict, set)) or not (classes is None or hasattr(classes, "__iter__")):
        raise TypeError(f"classes must be a list of folder names, in the order of the outputs; got {classes!r}.")
    if not isinstance(train_test_names, (list, tuple)) or len(train_test_names) not in (1, 2):
        raise ValueError(f"train_test_names must be a list of one or two folder names; got {train_test_names!r}.")
    verbose = options.get("verbose", 1)
    folders = [_subfolder(Path(datadir).expanduser(), name) for name in train_test_names]
    classes = list(classes) if classes is not None else _names(folders[0])
    if len(classes) < 2:
        raise ValueError(f"{folders[0]} must hold a folder for each of at least two classes; found: {classes}.")
    found = [_class_files(folder, classes, may_lack=number > 0) for number, folder in enumerate(folders)]
    parts = []
    for paths, labels in found:
        parts += [read_texts(paths, encoding, verbose), labels]
    return texts_from_array(*parts, class_names=classes, **options)


def _subfolder(parent, name):
    if not isinstance(name, str):
        raise TypeError(f"the name of a folder must be a string; got {name!r}.")
    folder = parent / name
    if not folder.is_dir():
        there = f"its folders are {_names(parent)}" if parent.is_dir() else "the folder itself does not exist"
        raise FileNotFoundError(f"{parent} has no folder {name!r}: {there}. Name them with train_test_names=[…].")
    return folder


def _names(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir() and not _is_systems(path))


def _class_files(folder, classes, may_lack):
    """The files of a folder's classes in a fixed order, and their labels."""
    paths, labels = [], []
    for name in classes:
        if may_lack and not (folder / name).is_dir():
            continue
        inside = sorted(path for path in _subfolder(folder, name).iterdir() if not _is_systems(path))
        files = [path for path in inside if path.is_file()]
        if deeper := [path.name for path in inside if path.is_dir()]:
            raise ValueError(
                f"{folder / name} holds the folders {deeper[:5]}, and what is in them would be left out. Put all files "
                f"of the class {name!r} directly into its folder, or take those folders out of it."
            )
        if not files and not may_lack:
            raise ValueError(f"{folder / name} holds no files, so there is nothing to learn the class {name!r} from.")
        paths += files
        labels += [name] * len(files)
    if not paths:
        raise ValueError(f"{folder} holds no files of the classes {classes}. Its folders are {_names(folder)}.")
    return paths, labels


def _is_systems(path):
    """Was a file or folder put there by an operating system or an editor?"""
    return path.name.startswith(".") or path.name.lower() in SYSTEMS
