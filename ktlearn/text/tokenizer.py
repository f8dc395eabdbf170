"""The tokenizer that belongs to a checkpoint."""


def read_tokenizer(folder, vocab_size):
    """The tokenizer of a checkpoint, from transformers. No code of the checkpoint is run.

    Raises:
        FileNotFoundError: the folder has no tokenizer. Without its files transformers would make up an empty one.
        ValueError: the files are damaged, or of another model.
    """
    from transformers import AutoTokenizer

    if not any((folder / file).exists() for file in ("tokenizer.json", "vocab.txt")):
        raise FileNotFoundError(
            f"{folder} has no tokenizer.json and no vocab.txt, so its texts cannot be read. Save the tokenizer "
            "there too: tokenizer.save_pretrained(folder)."
        )
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # tokenizers raises bare Exceptions
        raise ValueError(f"{folder}: the tokenizer's files are damaged ({error}). Get them again.") from error
    if len(tokenizer) > vocab_size:
        raise ValueError(
            f"{folder}: the tokenizer knows {len(tokenizer):,} tokens, the model only {vocab_size:,}. "
            "They do not belong together."
        )
    return tokenizer
