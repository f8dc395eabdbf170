"""Find a checkpoint, read it, write one. Nothing here knows what the tensors mean.

A checkpoint is a folder in Hugging Face's layout: ``config.json`` and ``model.safetensors`` (or its
shards with an index). It is named by a folder, by a name on the hub, or by ``ktlearn/<bundled>``.
"""

import json
from pathlib import Path

from ktlearn.models import keymap
from ktlearn.support.atomic import atomic_folder
from ktlearn.support.bundled import bundled_models, resource

CONFIG, WEIGHTS, INDEX = "config.json", "model.safetensors", "model.safetensors.index.json"
TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "vocab.txt",
    "added_tokens.json",
)
PYTORCH_ONLY = ("pytorch_model.bin", "pytorch_model.bin.index.json")


def find(name, revision=None):
    """Return the local folder of a checkpoint, downloading it from the hub when that is needed.

    A name on the hub is looked up there first, with one small request. When the hub does not answer,
    the files of the last time are used, from the cache of huggingface_hub (``HF_HOME``).

    Args:
        name: a folder, a hub name such as ``"bert-base-uncased"``, or ``"ktlearn/mini-bert-en"``.
        revision: for a hub name, a branch, a tag or a commit; None is the branch "main".

    Raises:
        FileNotFoundError: there is no such folder, bundled model, hub name or revision, or no config.json.
        PermissionError: the hub gives this checkpoint only to those who log in.
        ConnectionError: the hub does not answer and the checkpoint is not in the local cache.
        ValueError: the checkpoint has no safetensors file, or a revision is given for a folder.
    """
    name = str(name)
    is_folder = Path(name).expanduser().is_dir()
    if revision is not None and (is_folder or name.startswith("ktlearn/")):
        raise ValueError(
            f"revision={revision!r} is for a name on the hub, but {name!r} is on this machine. Leave revision out."
        )
    if name.startswith("ktlearn/"):
        return _bundled(name)
    if is_folder:
        folder = Path(name).expanduser()
        _check_files(folder, {path.name for path in folder.iterdir()})
        return folder
    return _from_hub(name, revision)


def read_config(folder):
    """Read ``config.json`` through transformers. No code of the checkpoint is run.

    Raises:
        ValueError: the file is not a config, or its family is not supported.
    """
    from huggingface_hub.errors import StrictDataclassError
    from transformers import CONFIG_MAPPING

    from ktlearn.models.families import FAMILIES

    try:
        values = json.loads((Path(folder) / CONFIG).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{Path(folder) / CONFIG} is not valid JSON: {error}. Get the file again.") from error
    kind = values.get("model_type") if isinstance(values, dict) else None
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise ValueError(
            f"{folder}: the model family {kind!r} is not supported. Supported: {', '.join(sorted(FAMILIES))}."
        )
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
    for file in _weight_files(folder):
        try:
            with safe_open(str(folder / file), framework="np") as content:
                names = content.keys()
                tensors.update({name: content.get_tensor(name) for name in names})
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
    """Write a model's ``config.json`` and ``model.safetensors``; see ``EncoderModel.save_pretrained``."""
    with atomic_folder(folder) as target:
        write(model, target)


def write(model, folder):
    """Write the two files into ``folder`` as it is, without the protection of :func:`save`."""
    from safetensors.numpy import save_file

    from ktlearn.models import families

    model.config.architectures = [families.of(model).ARCHITECTURES[model.task]]
    model.config.dtype = "float32"  # of the tensors written here, whatever the checkpoint's were
    model.config.save_pretrained(folder)
    # "pt" tells transformers that dense matrices are stored the PyTorch way round.
    save_file(keymap.extract(model), str(Path(folder) / WEIGHTS), metadata={"format": "pt"})


def _bundled(name):
    if name not in bundled_models():
        raise FileNotFoundError(f"There is no bundled model {name!r}. Bundled: {', '.join(bundled_models())}.")
    return resource("models") / name.removeprefix("ktlearn/")


def _check_files(folder, names):
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


def _weight_files(folder):
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


def _from_hub(name, revision):
    """The folder of one commit in huggingface_hub's cache, whole."""
    from huggingface_hub import errors, get_hf_file_metadata, hf_hub_download, hf_hub_url
    from huggingface_hub.utils import validate_repo_id

    try:
        validate_repo_id(name)
    except errors.HFValidationError as error:
        raise FileNotFoundError(
            f"There is no folder {name!r}, and it cannot be a name on the hub. Accepted: a folder with {CONFIG} "
            f"and {WEIGHTS}, a hub name such as 'bert-base-uncased', or one of {', '.join(bundled_models())}."
        ) from error

    cached = _in_cache(name, revision)
    try:
        # hf_hub_download alone would knock again for half a minute when nobody answers; this asks once.
        commit = get_hf_file_metadata(hf_hub_url(name, CONFIG, revision=revision)).commit_hash
        if commit is None:
            raise ConnectionError("something else answers in its place, perhaps the network's login page")
    except (errors.HTTPError, OSError) as error:
        if cached:
            return cached
        raise _refusal(name, revision, error) from error
    try:
        folder = _fetch(name, commit)
        if folder != cached:  # only now, with all files here, does the cache's branch move to this commit
            hf_hub_download(name, CONFIG, revision=revision)
    except (errors.HTTPError, OSError) as error:
        if getattr(error, "errno", None):  # not the network: a full disk, a folder without permission
            raise
        raise ConnectionError(
            f"The download of {name!r} stopped before its end ({_first_line(error)}). The files that are complete "
            "are kept. Call again to get the others."
        ) from error
    return folder


def _in_cache(name, revision):
    """The folder of a revision in the cache, or None when its config or its weights are not all there."""
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(name, CONFIG, revision=revision)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    found = (folder / WEIGHTS).exists() or (folder / INDEX).exists()
    return folder if found and all((folder / file).exists() for file in _weight_files(folder)) else None


def _fetch(name, commit):
    """Bring a commit's files into the cache. What is known already, "no such file" too, costs no request."""
    from huggingface_hub import errors, hf_hub_download, list_repo_files, try_to_load_from_cache

    def get(file):
        known = try_to_load_from_cache(name, file, revision=commit)
        if known is not None:
            return known if isinstance(known, str) else None
        try:
            return hf_hub_download(name, file, revision=commit)
        except errors.RemoteEntryNotFoundError:
            return None

    folder = Path(get(CONFIG)).parent
    for file in TOKENIZER_FILES:
        get(file)
    if not get(WEIGHTS) and not get(INDEX):
        _check_files(name, {CONFIG, *list_repo_files(name, revision=commit)})
    for file in _weight_files(folder):
        get(file)
    return folder


def _refusal(name, revision, error):
    """In ktlearn's words: why the hub gave nothing, and what to do next."""
    from huggingface_hub import constants, errors

    page = f"{constants.ENDPOINT}/{name}"
    instead = f"Or use a folder, or one that comes with ktlearn: {', '.join(bundled_models())}."
    if isinstance(error, errors.GatedRepoError):
        return PermissionError(
            f"The hub gives {name!r} only to those who accepted its conditions. Open {page} in a browser, accept "
            f"them, then log in on this machine with `hf auth login` (or set HF_TOKEN). {instead}"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return FileNotFoundError(
            f"There is no folder {name!r} here and no such model on the hub ({page}). Check the spelling. If it is a "
            f"private one, log in first with `hf auth login` (or set HF_TOKEN). {instead}"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return FileNotFoundError(
            f"{name!r} has no revision {revision!r}. Accepted: a branch, a tag or a commit; {page} lists them. "
            "Without revision you get the branch 'main'."
        )
    if isinstance(error, errors.RemoteEntryNotFoundError):
        return FileNotFoundError(
            f"{name!r} has no {CONFIG}, so it is not a checkpoint that ktlearn can read. {page} lists its files. "
            f"Choose a model with {CONFIG} and {WEIGHTS}. {instead}"
        )
    if isinstance(error, errors.HfHubHTTPError) and error.response.status_code in (401, 403):
        return PermissionError(
            f"The hub refuses to give {name!r} ({_first_line(error)}). Your token may be wrong or out of date: log "
            f"in again with `hf auth login`, or unset HF_TOKEN for a public model. {instead}"
        )
    if isinstance(error, errors.OfflineModeIsEnabled):
        reason, first_step = "HF_HUB_OFFLINE is set", "unset HF_HUB_OFFLINE and start Python again"
    else:
        reason = f"the hub at {constants.ENDPOINT} does not answer as it should ({_first_line(error)})"
        first_step = "connect to a network and try again, or set HF_ENDPOINT to a mirror that you can reach"
    return ConnectionError(
        f"{name!r} is not (or not wholly) in the local cache, and {reason}. What to do: {first_step}. {instead}"
    )


def _first_line(error):
    return (str(error).strip() or repr(error)).splitlines()[0][:200]
