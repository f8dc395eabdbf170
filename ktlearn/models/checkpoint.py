"""A checkpoint's folder: what must be in it, reading it, writing it. Nothing here knows what the tensors mean.

The folder is in Hugging Face's layout: ``config.json`` and ``model.safetensors`` (or its shards with an index).
"""

import json
from pathlib import Path

from ktlearn.models import families, keymap, quantized
from ktlearn.support.atomic import atomic_folder

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
PYTORCH_ONLY = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def read_config(folder):
    """Read ``config.json`` through transformers. No code of the checkpoint is run.

    Raises:
        ValueError: the file is not a config, or its family is not supported.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import CONFIG_MAPPING

    try:
        values = json.loads((Path(folder) / CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{Path(folder) / CONFIG} is not valid JSON: {error}. Get the file again.") from error
    kind = values.get("model_type") if isinstance(values, dict) else None
    families.named(kind, source=folder)
    try:
        return CONFIG_MAPPING[kind].from_dict(values)
    except StrictDataclassError as error:
        raise ValueError(f"{Path(folder) / CONFIG} has a wrong value: {error}. Get the file again.") from error


def read_tensors(folder):
    """Read all tensors of a checkpoint: a dictionary from published names to NumPy arrays.

    Raises:
        ValueError: a file is missing, truncated or damaged; the message says which.
    """
    from safetensors import SafetensorError, safe_open

    folder = Path(folder)
    tensors = {}
    for file in weight_files(folder):
        try:
            with safe_open(str(folder / file), framework="np") as content:
                stored = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
                tensors.update(quantized.restore(stored) if content.metadata() == quantized.FORMAT else stored)
        except FileNotFoundError:
            raise ValueError(f"{folder}: the file {file} is missing, but {INDEX} names it. Get it again.") from None
        except (SafetensorError, ValueError, OSError) as error:
            # In the cache the file is a link: what has to go is the file behind it.
            raise ValueError(
                f"{folder / file} is damaged or was cut short ({error}). "
                f"Delete {(folder / file).resolve()} and get it again."
            ) from error
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
    if names.intersection(PYTORCH_ONLY):
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
    """
    if (folder / WEIGHTS).exists():
        return [WEIGHTS]
    try:
        index = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        files = sorted(set(index["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{folder / INDEX} is damaged: it must be JSON with a 'weight_map' from tensors to files. "
            f"Delete {(folder / INDEX).resolve()} and get it again."
        ) from error
    for file in files:
        if Path(file).name != file or not file.endswith(".safetensors"):
            raise ValueError(
                f"{folder / INDEX} names the file {file!r}. Only .safetensors files in its own folder are read, so it "
                "is refused. Do not use this checkpoint, or ask its author to repair it."
            )
    return files
