"""Keep a run on disk while it goes on, so that it can go on another day as if nothing had happened.

A checkpoint folder holds two things:

    last.safetensors   all that the run needs to go on from the end of its last epoch: weights, the
                       optimizer's memory, the states of the random numbers, the place in the schedule,
                       the history. One file, written beside and renamed: never half of it.
    best/              the model of the best epoch, as ``learner.save_model`` writes it.

Nothing in it is executed when it is read: arrays in safetensors, and JSON in its header.
"""

import json
import math
import shutil
import tempfile
import zlib
from pathlib import Path

import numpy as np

from ktlearn.backend import keras
from ktlearn.learner.model_state import read_state, write_state
from ktlearn.support.atomic import atomic_file
from ktlearn.support.characters import say
from ktlearn.support.distributed import check_same, is_loss_of_a_process, process_count, write_once

LAST, BEST, HEADER, FORMAT = "last.safetensors", "best", "ktlearn", 2
UNPRINTED = ("train_data", "val_data", "rates")  # what differs is said, not how: these are checksums and long lists


class Checkpoint(keras.callbacks.Callback):
    """Write the checkpoint at the end of each epoch.

    Args:
        folder: the checkpoint folder; made when it is not there.
        run: what the run is, as names and numbers; only a run that is the same can go on from here.
        schedule, history, best: the callbacks whose state belongs to the run.
        save_model: a function of a folder that writes the model.

    Attributes:
        done: epochs whose end is in the folder.
        is_finished: is nothing left to do?
    """

    def __init__(self, folder, run, schedule, history, best, save_model):
        super().__init__()
        self.folder = Path(folder).expanduser()
        self.run = json.loads(json.dumps(run, default=_written))
        self.schedule, self.history, self.best, self.save_model = schedule, history, best, save_model
        self.done, self.is_finished = 0, False

    def open(self, model, resume, verbose):
        """Go on from the checkpoint if that is wanted; say what becomes of one that is there.

        Raises:
            OSError: nothing can be written to the folder, or its disk has no room for what this run keeps.
            ValueError: as :meth:`go_on`.
        """
        self._check_folder(model)
        there = (self.folder / LAST).exists()
        if resume and process_count() > 1:
            found = zlib.crc32((self.folder / LAST).read_bytes()) >> 1 if there else -1
            check_same(f"resume: what {self.folder} holds", found, "Give a folder on a disk that they all see.")
        if not resume:
            if there and verbose:
                say(f"A new run: it will replace the checkpoint in {self.folder}; resume=True goes on there.")
            return
        if not there:
            return
        self.go_on(model)
        if verbose:
            what = ", and the run is finished" if self.is_finished else ": training goes on"
            say(f"{self.done} of {self.run['epochs']} epochs are in {self.folder}{what}.")

    def on_epoch_end(self, epoch, logs=None):
        """Write what the epoch has left, and the model when it is the best so far.

        Raises:
            OSError: it cannot be written: a full disk, say. The last checkpoint stays as it was.
        """
        try:
            if self.best.improved:
                self.save_model(self.folder / BEST)
            self._write(epoch + 1, epoch + 1 == self.run["epochs"] or self.model.stop_training)
        except Exception as error:  # safetensors and h5py have kinds of their own for a full disk
            if is_loss_of_a_process(error):
                raise
            kept = f"It holds {self.done} epochs: repeat the call with resume=True to go on there." if self.done else ""
            raise OSError(
                f"The checkpoint of epoch {epoch + 1} could not be written to {self.folder} ({error}). The learner has "
                f"its model and its history so far. Make room, or save_model elsewhere. {kept}".rstrip()
            ) from error
        self.done = epoch + 1

    def _check_folder(self, model):
        """Trouble of the folder should be seen now, not after the first epoch."""
        state = read_state(model)
        size = {part: sum(array.nbytes for array in arrays) for part, arrays in state.items()}
        needed = sum(size.values()) + size["model"] * (2 if self.best.stop_after else 1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if (self.folder / BEST).exists() and not (self.folder / BEST).is_dir():
                raise FileExistsError(f"{self.folder / BEST} is a file, where a folder is needed")
            if (self.folder / LAST).exists() and not (self.folder / LAST).is_file():
                raise FileExistsError(f"{self.folder / LAST} is no file")
            with tempfile.TemporaryFile(dir=self.folder) as probe:
                probe.write(bytes(4096))
                probe.flush()
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            raise OSError(
                f"checkpoint_folder: nothing can be kept in {self.folder} ({error}). Give a folder of your own."
            ) from error
        if free < needed:
            raise OSError(
                f"checkpoint_folder: {self.folder} has {free / 1e6:,.0f} MB free, and this run needs "
                f"{needed / 1e6:,.0f} MB there. Make room, or give a folder on another disk."
            )

    def go_on(self, model):
        """Put model, optimizer and callbacks back to where the checkpoint left them.

        Raises:
            ValueError: the checkpoint is damaged, or of another run. Nothing is then changed.
        """
        path = self.folder / LAST
        kept, state = _read(path)
        for name in dict.fromkeys([*self.run, *kept["run"]]):
            before, now = kept["run"].get(name), self.run.get(name)
            if name != "seed" and before != now:
                what = f"other {name} than now" if name in UNPRINTED else f"{name}={before!r}, now {name}={now!r}"
                raise ValueError(
                    f"resume: {path} is of a run with {what}. "
                    "Repeat the call as it was, or give a new checkpoint_folder."
                )
        try:
            write_state(model, state)
        except ValueError as error:
            raise ValueError(f"resume: {path} does not fit this model. {error}") from error
        self.schedule.go_on_from(kept["schedule"])
        self.best.go_on_from(kept["best"], state["best"] or None)
        self.history.history = kept["history"]
        self.run["seed"], self.done, self.is_finished = kept["run"]["seed"], kept["done"], kept["finished"]

    def _write(self, done, finished):
        from safetensors.numpy import save_file

        kept = {
            "format": FORMAT,
            "run": self.run,
            "done": done,
            "finished": bool(finished),
            "schedule": self.schedule.state(),
            "best": self.best.state(),
            "history": _plain(self.history.history),
        }
        state = read_state(self.model) | {"best": self.best.weights or []}
        tensors = {f"{part}.{i:05d}": array for part, arrays in state.items() for i, array in enumerate(arrays)}

        def write():
            with atomic_file(self.folder / LAST) as draft:
                save_file(tensors, draft, {HEADER: json.dumps(kept)})

        write_once(write)


def _read(path):
    from safetensors import safe_open

    state = {"model": [], "optimizer": [], "best": []}
    try:
        with safe_open(path, "np") as file:
            kept = json.loads(file.metadata()[HEADER])
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']!r} instead of {FORMAT}")
            _check_header(kept)
            for name in sorted(file.keys()):
                state[name.split(".")[0]].append(file.get_tensor(name))
        for arrays in state.values():
            if not all(np.isfinite(array).all() for array in arrays):
                raise ValueError("it holds numbers that are infinite, or none")
    except (Exception, RecursionError) as error:  # safetensors and json raise many kinds
        raise ValueError(f"resume: {path} is damaged, or no checkpoint of ktlearn ({error!r}).") from error
    return kept, state


def _check_header(kept):
    """Whatever the header says goes into the callbacks of a training: it must be what they wrote."""
    run, done, schedule, best, history = (kept[name] for name in ("run", "done", "schedule", "best", "history"))
    for name, whole, low, high in (
        ("seed", run["seed"], 0, 2**31),
        ("epochs", run["epochs"], 1, math.inf),
        ("done", done, 1, run["epochs"]),
        ("step", schedule["step"], done * run["steps"], done * run["steps"]),
        ("since_best", best["since_best"], 0, done),
        ("since_reduced", best["since_reduced"], 0, done),
        ("epoch", 0 if best["epoch"] is None else best["epoch"], 0, done - 1),
    ):
        if type(whole) is not int or not low <= whole <= high:
            raise ValueError(f"{name} is {whole!r}")
    if type(kept["finished"]) is not bool or set(best) != {"best", "epoch", "since_best", "since_reduced"}:
        raise ValueError("the state of the run is not whole")
    if set(schedule) != {"step", "scale", "learning_rates", "momenta"} or not isinstance(history, dict):
        raise ValueError("the state of the run is not whole")
    series = {"learning_rates": schedule["step"], "momenta": schedule["step"]} | dict.fromkeys(history, done)
    for name, longest in series.items():
        values = schedule[name] if name in schedule else history[name]
        if not isinstance(values, list) or len(values) > longest or not all(type(value) is float for value in values):
            raise ValueError(f"{name} is not a list of at most {longest} numbers")
    if len(schedule["learning_rates"]) != schedule["step"]:
        raise ValueError("learning_rates and step do not agree")
    if type(best["best"]) is not float or type(schedule["scale"]) is not float or not 0 < schedule["scale"] < math.inf:
        raise ValueError("best or scale is not a number")


def _written(value):
    """NumPy's numbers as Python's, and whatever else JSON does not know by its name."""
    return value.item() if isinstance(value, np.generic) else str(value)


def _plain(history):
    return {name: [float(value) for value in values] for name, values in history.items()}
