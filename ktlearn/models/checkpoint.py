"""A checkpoint's folder: what must be in it, reading it, writing it. Nothing here knows what the tensors mean.

The folder is in Hugging Face's layout: ``config.json`` and ``model.safetensors`` (or its shards with an index).
"""

import json
import os
from pathlib import Path

from ktlearn.models import families, keymap
from ktlearn.models.stored_tensor import stored_tensors
from ktlearn.support.arguments import check_number
from ktlearn.support.atomic import atomic_folder
from ktlearn.support.manifest import check_file, read_manifest
from ktlearn.support.paths import check_regular

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
GENERATION = "generation_config.json"  # how a checkpoint wants to be written with, where it has one
MOST_LABELS = 100_000
LARGEST_JSON = 10_000_000  # bytes: so many labels with long names
PYTORCH_ONLY = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def read_json(path):
    """The content of a JSON file.

    Raises:
        ValueError: it is no JSON, too large, too deep, or no file at all.
        FileNotFoundError, PermissionError: it is not there, or may not be read.
    """
    check_regular(path)
    try:
        if Path(path).stat().st_size > LARGEST_JSON:
            raise ValueError(f"it has more than {LARGEST_JSON:,} bytes")
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{path} is not valid JSON: {error}. Get the file again.") from error


def read_config(folder):
    """Read ``config.json`` through transformers. No code of the checkpoint is run.

    Raises:
        ValueError: the file is not a config, or its family is not supported.
        FileNotFoundError, PermissionError: as :func:`read_json`.
    """
    return config_of(read_json(Path(folder) / CONFIG), Path(folder) / CONFIG)


def read_generation_config(folder):
    """Read ``generation_config.json``: a dictionary, empty where there is no such file.

    Raises:
        ValueError: it is no dictionary, or as :func:`read_json`.
        PermissionError: as :func:`read_json`.
    """
    path = Path(folder) / GENERATION
    values = read_json(path) if path.exists() else {}
    if not isinstance(values, dict):
        raise ValueError(f"{path} must hold names and values, {{…}}; got {values!r:.80}. Get the file again.")
    return values


def config_of(values, source):
    """A config from its values, checked: nothing in it can make transformers do much work.

    Args:
        values: what stands in ``config.json``.
        source: how errors call it.

    Raises:
        ValueError: as :func:`read_config`.
    """
    from transformers import CONFIG_MAPPING

    kind = values.get("model_type") if isinstance(values, dict) else None
    family = families.named(kind, source)
    try:
        _check_labels(values)
        hidden = [name for name in values if callable(getattr(CONFIG_MAPPING[kind], name, None))]
        if hidden:
            raise ValueError(f"{hidden[0]!r} is no setting")
        config = CONFIG_MAPPING[kind].from_dict(values)
    except Exception as error:  # transformers raises many kinds, for values of other types than it expects
        raise ValueError(f"{source} has a wrong value: {error} Get the file again.") from error
    try:
        family.settings(config)
        spread = getattr(config, "initializer_range", 0.02)  # of a fresh head; T5 has none
        check_number("initializer_range", spread, 0, 100, 0.02, or_low=True)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{source}: {error}") from error
    return config


def _check_labels(values):
    """Refuse what transformers would make a list of labels from, however long."""
    count, names = values.get("num_labels"), values.get("id2label")
    if count is not None and (type(count) is not int or not 1 <= count <= MOST_LABELS):
        raise ValueError(f"num_labels must be a whole number from 1 to {MOST_LABELS:,}; got {count!r:.80}.")
    if names is None:
        return
    numbers = [str(number) for number in range(len(names))] if isinstance(names, dict) else None
    if not names or numbers != sorted(names, key=_place) or not all(isinstance(name, str) for name in names.values()):
        raise ValueError(f'id2label must name the labels, {{"0": "negative", "1": "positive"}}; got {names!r:.200}.')


def _place(number):
    return int(number) if number.isdecimal() else -1


def read_tensors(folder):
    """The tensors of a checkpoint: a dictionary from published names to tensors whose numbers are still in the file.

    ``np.asarray(tensor)`` reads them; ``shape`` and ``dtype`` are known from the file's header.

    Returns:
        A dictionary from names to :class:`ktlearn.models.stored_tensor.StoredTensor`; to arrays, where the file holds
        whole numbers (:mod:`ktlearn.models.quantized`).

    Raises:
        ValueError: a file is missing, truncated or damaged; the message says which.
        PermissionError: a file may not be read.
    """
    folder = Path(folder)
    sums, tensors = read_manifest(folder), {}
    for file in weight_files(folder):
        path = folder / file
        if not os.path.lexists(path):
            raise ValueError(f"{folder}: the file {file} is missing, but {INDEX} names it. Get it again.")
        check_regular(path)
        found = stored_tensors(path)
        if file in sums:
            check_file(path, sums[file], folder)
        if twice := found.keys() & tensors.keys():
            raise ValueError(f"{folder}: the tensor {min(twice)!r} is in {file}, and in a file before it too.")
        tensors |= found
    return tensors


def save(model, folder):
    """Write a model's ``config.json`` and ``model.safetensors``; see ``PretrainedModel.save_pretrained``."""
    with atomic_folder(folder) as target:
        write(model, target)


def write(model, folder):
    """Write the two files into ``folder`` as it is, without the protection of :func:`save`."""
    from safetensors.numpy import save_file

    model.config.architectures = [model.family.architectures[model.task]]
    model.config.dtype = "float32"  # of the tensors written here, whatever the checkpoint's were
    model.config.save_pretrained(folder)
    if model.generation_config:
        text = json.dumps(model.generation_config, indent=2, sort_keys=True)
        (Path(folder) / GENERATION).write_text(text + "\n", encoding="utf-8")
    # "pt" tells transformers that dense matrices are stored the PyTorch way round.
    save_file(keymap.extract(model), str(Path(folder) / WEIGHTS), metadata={"format": "pt"})


def check_files(folder, names):
    """Refuse a folder, by the names of its files, that is not a checkpoint with safetensors.

    Raises:
        FileNotFoundError: there is no config.json.
        ValueError: the weights are missing, or only there as a pickle.
    """
    if CONFIG not in names:
        raise FileNotFoundError(
            f"{folder} has no {CONFIG}, so it is not a checkpoint. Accepted: {CONFIG} and {WEIGHTS} side by side, "
            "as save_pretrained writes them."
        )
    if WEIGHTS in names or INDEX in names:
        return
    if names & set(PYTORCH_ONLY):
        raise ValueError(
            f"{folder} has its weights only as pytorch_model.bin. Such a file is a pickle, which can run any code, "
            "so ktlearn does not open it. Convert it once where PyTorch is installed: load it there with the "
            f"AutoModelFor… class of its task and call save_pretrained(folder), which writes {WEIGHTS}. "
            "Or look for another copy of this model in safetensors format."
        )
    raise ValueError(f"{folder} has neither {WEIGHTS} nor {INDEX}. Accepted: a checkpoint in safetensors format.")


def weight_files(folder):
    """The names of a checkpoint's safetensors files.

    Raises:
        ValueError: the index is damaged, or names a file that must not be read.
        FileNotFoundError, PermissionError: as :func:`read_json`.
    """
    if os.path.lexists(folder / WEIGHTS):
        return [WEIGHTS]
    try:
        files = sorted(set(read_json(folder / INDEX)["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / INDEX} is damaged: it must be JSON with a 'weight_map' from tensors to files ({error}). "
            f"Delete {(folder / INDEX).resolve()} and get it again."
        ) from error
    for file in files:
        is_name = isinstance(file, str) and file.isprintable() and Path(file).name == file
        if not is_name or not file.endswith(".safetensors"):
            raise ValueError(
                f"{folder / INDEX} names the file {file!r}. Only .safetensors files in its own folder are read, so it "
                "is refused. Do not use this checkpoint, or ask its author to repair it."
            )
    return files
