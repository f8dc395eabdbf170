"""Keep a run on disk while it goes on, so that it can go on another day as if nothing had happened.

A checkpoint folder holds two things:

    last.safetensors   all that the run needs to go on from the end of its last epoch: weights, the
                       optimizer's memory, the states of the random numbers, the place in the schedule,
                       the history. One file, written beside and renamed: never half of it.
    best/              the model of the best epoch, as ``learner.save_model`` writes it.

Nothing in it is executed when it is read: arrays in safetensors, and JSON in its header.
"""

import json
from pathlib import Path

from ktlearn.backend import keras
from ktlearn.learner.model_state import read_state, write_state
from ktlearn.support.atomic import atomic_file

LAST, BEST, HEADER, FORMAT = "last.safetensors", "best", "ktlearn", 1


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
        self.run = json.loads(json.dumps(run, default=float))  # NumPy's numbers become Python's
        self.schedule, self.history, self.best, self.save_model = schedule, history, best, save_model
        self.done, self.is_finished = 0, False

    def open(self, model, resume, verbose):
        """Go on from the checkpoint if that is wanted; say what becomes of one that is there.

        Raises:
            ValueError: as :meth:`go_on`.
        """
        there = (self.folder / LAST).exists()
        if not resume:
            if there and verbose:
                print(f"A new run: it will replace the checkpoint in {self.folder}; resume=True goes on there.")
            return
        if not there:
            return
        self.go_on(model)
        if verbose:
            what = ", and the run is finished" if self.is_finished else ": training goes on"
            print(f"{self.done} of {self.run['epochs']} epochs are in {self.folder}{what}.")

    def on_epoch_end(self, epoch, logs=None):
        """Write what the epoch has left, and the model when it is the best so far."""
        self.done = epoch + 1
        if self.best.improved:
            self.save_model(self.folder / BEST)
        self._write(finished=self.done == self.run["epochs"] or self.model.stop_training)

    def go_on(self, model):
        """Put model, optimizer and callbacks back to where the checkpoint left them.

        Raises:
            ValueError: the checkpoint is damaged, or of another run. Nothing is then changed.
        """
        path = self.folder / LAST
        kept, state = _read(path)
        for name, value in self.run.items():
            if name != "seed" and kept["run"].get(name) != value:
                raise ValueError(
                    f"resume: {path} is of a run with {name}={kept['run'].get(name)!r}, now {name}={value!r}. "
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

    def _write(self, finished):
        from safetensors.numpy import save_file

        kept = {
            "format": FORMAT,
            "run": self.run,
            "done": self.done,
            "finished": bool(finished),
            "schedule": self.schedule.state(),
            "best": self.best.state(),
            "history": _plain(self.history.history),
        }
        state = read_state(self.model) | {"best": self.best.weights or []}
        tensors = {f"{part}.{i:05d}": array for part, arrays in state.items() for i, array in enumerate(arrays)}
        with atomic_file(self.folder / LAST) as draft:
            save_file(tensors, draft, {HEADER: json.dumps(kept)})


def _read(path):
    from safetensors import safe_open

    state = {"model": [], "optimizer": [], "best": []}
    try:
        with safe_open(path, "np") as file:
            kept = json.loads(file.metadata()[HEADER])
            if kept["format"] != FORMAT:
                raise ValueError(f"format {kept['format']!r} instead of {FORMAT}")
            for name in sorted(file.keys()):
                state[name.split(".")[0]].append(file.get_tensor(name))
    except Exception as error:  # safetensors and json raise many kinds
        raise ValueError(f"resume: {path} is damaged, or no checkpoint of ktlearn ({error}).") from error
    return kept, state


def _plain(history):
    return {name: [float(value) for value in values] for name, values in history.items()}
