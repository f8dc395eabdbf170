"""The tokenizer that belongs to a checkpoint."""

import importlib.util

from ktlearn.models import checkpoint, families, hub

SENTENCEPIECE, PACKAGES = (".model", ".spm"), ("sentencepiece", "google.protobuf")  # files, and what reads them


def tokenizer_of(name, revision=None):
    """The tokenizer of a checkpoint of any supported family: from its name to something that reads texts.

    A decoder's pads on the left, so that what it writes follows its text at once; where it has no padding token, the
    end token fills up, and the attention mask hides it.

    Args:
        name: a folder, a name on the hub, or a bundled model.
        revision: for a name on the hub, a branch, a tag or a commit.

    Raises:
        FileNotFoundError, ConnectionError, PermissionError, ValueError: see ``hub.find`` and :func:`read_tokenizer`.
        ImportError: it is SentencePiece's, and that is not installed; the message says how.

    >>> tokenizer_of("ktlearn/mini-bert-en")("Two words").input_ids[0]
    2
    """
    folder = hub.find(name, revision)
    config = checkpoint.read_config(folder)
    return read_tokenizer(folder, config.vocab_size, families.of(config))


def read_tokenizer(folder, vocab_size, family):
    """The tokenizer of a checkpoint, from transformers. No code of the checkpoint is run.

    Args:
        folder: the checkpoint's.
        vocab_size: of the model.
        family: the :class:`ktlearn.models.family.Family`; it names the files that stand in for ``tokenizer.json``.

    Raises:
        FileNotFoundError: the folder has no tokenizer. Without its files transformers would make up an empty one.
        ImportError: its files are SentencePiece's, and that is not installed.
        ValueError: the files are damaged, or of another model.
    """
    from transformers import AutoTokenizer

    own = family.vocabulary_files
    if not (folder / "tokenizer.json").exists() and not (own and all((folder / file).exists() for file in own)):
        raise FileNotFoundError(
            f"{folder} has no tokenizer.json{''.join(f' and no {file}' for file in own)}, so its texts cannot be read. "
            "Save the tokenizer there too: tokenizer.save_pretrained(folder)."
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # tokenizers raises bare Exceptions
        if any(file.endswith(SENTENCEPIECE) for file in own) and not all(map(_has, PACKAGES)):
            raise ImportError(
                f"{folder}: this tokenizer is one of SentencePiece ({', '.join(own)}), and without a tokenizer.json "
                "that anything can read it needs two packages more: pip install sentencepiece protobuf. Then start "
                "Python again."
            ) from error
        raise ValueError(f"{folder}: the tokenizer's files are damaged ({error}). Get them again.") from error
    if len(tokenizer) > vocab_size or max(tokenizer.get_vocab().values()) >= vocab_size:
        raise ValueError(
            f"{folder}: the tokenizer knows {len(tokenizer):,} tokens, the model only {vocab_size:,}. "
            "They do not belong together."
        )
    if family.kind == "decoder":
        tokenizer.padding_side = "left"
        tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    if tokenizer.pad_token_id is None:
        raise ValueError(
            f"{folder}: the tokenizer has no padding token, so texts of several lengths make no batch. Name one of its "
            "tokens there: tokenizer.pad_token = '…', then tokenizer.save_pretrained(folder)."
        )
    try:
        tokenizer("a text")
    except Exception as error:
        raise ValueError(f"{folder}: the tokenizer's files are damaged ({error}). Get them again.") from error
    return tokenizer


def check_vocabulary(tokenizer, vocab_size):
    """Refuse a tokenizer with more tokens than the model has vectors: the new ones would be other tokens' vectors.

    Raises:
        ValueError: tokens were added to it.
    """
    if len(tokenizer) > vocab_size:
        added = [token for token, number in tokenizer.get_added_vocab().items() if number >= vocab_size]
        raise ValueError(
            f"{len(tokenizer) - vocab_size} tokens were added to the tokenizer ({', '.join(map(repr, added[:5]))}), "
            f"and the model has vectors for its own {vocab_size:,} only. Leave them out: the tokenizer cuts a word "
            "that it does not know into pieces that it knows."
        )


def _has(module):
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package in which it would lie
        return False
