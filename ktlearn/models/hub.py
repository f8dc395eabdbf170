"""Find a checkpoint by its name: a folder, a name on the hub, or ``ktlearn/<bundled>``."""

import os
import warnings
from pathlib import Path

from ktlearn.models import families
from ktlearn.models.checkpoint import CONFIG, GENERATION, INDEX, WEIGHTS, check_files, read_config, weight_files
from ktlearn.models.patience import with_patience
from ktlearn.support.atomic import finish_save
from ktlearn.support.bundled import bundled_models, resource
from ktlearn.support.manifest import check_whole
from ktlearn.support.paths import check_regular

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")
READ = (".json", ".txt", ".model", ".spm", ".jinja", ".safetensors")  # what ktlearn or transformers may open
LARGEST = 200_000_000  # bytes of a file that holds no weights; the largest vocabularies have a tenth of it


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

    >>> sorted(path.name for path in find("ktlearn/mini-bert-en").glob("*.json"))[:2]
    ['config.json', 'tokenizer.json']
    """
    if not isinstance(name, (str, os.PathLike)) or not str(name).strip():
        raise ValueError(
            f"A model's name must be a text: a folder, a name on the hub such as 'bert-base-uncased', or one of "
            f"{', '.join(bundled_models())}; got {name!r}."
        )
    name = str(name)
    is_folder = _is_folder(name)
    if revision is not None and (is_folder or name.startswith("ktlearn/")):
        raise ValueError(
            f"revision={revision!r} is for a name on the hub, but {name!r} is on this machine. Leave revision out."
        )
    if name.startswith("ktlearn/"):
        return _bundled(name)
    if is_folder:
        return _checked(Path(name).expanduser())
    return _from_hub(name, revision)


def _is_folder(name):
    try:
        return Path(name).expanduser().is_dir()
    except (OSError, ValueError, RuntimeError):  # a name too long, with a null character, of an unknown user
        return False


def _checked(folder):
    """A folder whose small files can be read, and are of one save; the weights are checked when they are read."""
    finish_save(folder)
    files = {path.name: path for path in folder.iterdir()}
    check_files(folder, files.keys())
    for path in files.values():
        if path.suffix in READ:
            check_regular(path)
            if path.suffix != ".safetensors" and path.stat().st_size > LARGEST:
                raise ValueError(f"{path} has more than {LARGEST:,} bytes, so it cannot be what its name says.")
    check_whole(folder, large=False)
    return folder


def _bundled(name):
    if name not in bundled_models():
        raise FileNotFoundError(f"There is no bundled model {name!r}. Bundled: {', '.join(bundled_models())}.")
    return resource("models") / name.removeprefix("ktlearn/")


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
        commit = with_patience(get_hf_file_metadata, hf_hub_url(name, CONFIG, revision=revision)).commit_hash
        if commit is None:
            raise ConnectionError("something else answers in its place, perhaps the network's login page")
    except (errors.HTTPError, OSError) as error:
        if cached:
            return cached
        raise _refusal(name, revision, error) from error
    try:
        folder = with_patience(_fetch, name, commit)
        if folder != cached:  # only now, with all files here, does the cache's branch move to this commit
            with_patience(lambda: hf_hub_download(name, CONFIG, revision=revision))
    except (errors.HTTPError, OSError) as error:
        if getattr(error, "errno", None):  # not the network: a full disk, a folder without permission
            if not cached:
                raise
            warnings.warn(
                f"The hub has a newer commit of {name!r}, but the cache cannot be written ({error}). The version of "
                f"before, in {cached}, is used.",
                stacklevel=2,
            )
            return cached
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
    return folder if found and all((folder / file).exists() for file in weight_files(folder)) else None


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
    for file in (GENERATION, *TOKENIZER_FILES, *families.of(read_config(folder)).vocabulary_files):
        get(file)
    if not get(WEIGHTS) and not get(INDEX):
        check_files(name, {CONFIG, *list_repo_files(name, revision=commit)})
    for file in weight_files(folder):
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
