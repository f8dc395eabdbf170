"""The weights of a model in a folder: Hugging Face's layout for ours, Keras' own file for any other."""

from ktlearn.learner import lora
from ktlearn.models import PretrainedModel
from ktlearn.support.arguments import check_path
from ktlearn.support.atomic import atomic_folder, finish_save
from ktlearn.support.distributed import write_once
from ktlearn.support.manifest import check_whole

WEIGHTS = "model.weights.h5"


def save_weights(model, folder):
    """Write the model's weights, all or nothing. Of several processes, the first one writes.

    Raises:
        ValueError, TypeError: the folder has no name.
    """
    folder = check_path("fpath", folder)
    write_once(lambda: _write(model, folder))


def _write(model, folder):
    if isinstance(model, PretrainedModel):
        model.save_pretrained(folder)
        return
    with atomic_folder(folder) as draft:
        model.save_weights(draft / WEIGHTS)


def load_weights(model, folder):
    """Take the weights that :func:`save_weights` wrote, in place.

    Raises:
        FileNotFoundError, ValueError: the folder is not a saved model, is damaged, or is of another
            shape. The model is then unchanged.
    """
    folder = check_path("fpath", folder).resolve()
    if isinstance(model, PretrainedModel):
        if not folder.is_dir():
            raise FileNotFoundError(f"There is no folder {folder}; give a folder written by save_model.")
        with lora.plain(model):
            model.load_pretrained(folder)
        return
    finish_save(folder)
    file = folder / WEIGHTS
    if not file.exists():
        raise FileNotFoundError(f"{folder} holds no {WEIGHTS}; give a folder written by save_model.")
    check_whole(folder)
    before = model.get_weights()
    try:
        model.load_weights(file)
    except Exception as error:  # Keras and h5py raise many kinds
        model.set_weights(before)
        raise ValueError(f"{file} is damaged, or of another model ({error}). The model is unchanged.") from error
