"""What a training is, as one value: who makes it has said everything about the training."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ktlearn.backend import keras
from ktlearn.support.arguments import check_flag, check_number, check_path, check_whole


@dataclass(frozen=True)
class Run:
    """One training, checked when it is made.

    Args:
        method: the learner's method that was called.
        policy: a function of ``(step, steps)`` that returns ``(learning rate, momentum)``.
        epochs: how many, at most.
        settings: the arguments that the policy was made from, by name: a run that goes on must have the same.
        checkpoint_folder, resume, early_stopping, class_weight, sample_weight, callbacks, steps_per_epoch, verbose:
            as in :meth:`ktlearn.learner.Learner.fit`.
        reduce_on_plateau, reduce_factor, monitor: as in :meth:`ktlearn.learner.Learner.autofit`.

    Raises:
        ValueError, TypeError: an argument is unusable, or they do not go together.
    """

    method: str
    policy: Callable
    epochs: int
    settings: dict
    checkpoint_folder: Any = None
    resume: bool = False
    early_stopping: int | None = None
    reduce_on_plateau: int | None = None
    reduce_factor: float = 2
    monitor: str = "val_loss"
    class_weight: Any = None
    sample_weight: Any = None
    callbacks: tuple = ()
    steps_per_epoch: int | None = None
    verbose: int = 1

    def __post_init__(self):
        check_whole("The number of epochs", self.epochs)
        check_flag("resume", self.resume)
        if not isinstance(self.monitor, str):
            raise ValueError(f"monitor must be the name of a figure, such as 'val_loss'; got {self.monitor!r}.")
        if self.checkpoint_folder is not None:
            check_path("checkpoint_folder", self.checkpoint_folder)
        for name in ("early_stopping", "reduce_on_plateau", "steps_per_epoch"):
            if getattr(self, name) is not None:
                check_whole(name, getattr(self, name))
        check_number("reduce_factor", self.reduce_factor, 1, 1000, 2)
        if self.resume and self.checkpoint_folder is None:
            raise ValueError("resume=True goes on from a checkpoint: say where it is with checkpoint_folder=….")

    @property
    def is_watched(self):
        """Shall the run change, or end, when it gets no better?"""
        return bool(self.early_stopping or self.reduce_on_plateau)


def checked_callbacks(callbacks):
    """The callbacks of a training as a tuple; None for none.

    Raises:
        TypeError: it is no list, or something in it is no Keras callback.
        ValueError: one that would go on with another run behind the learner's back.
    """
    if callbacks is None:
        return ()
    if not isinstance(callbacks, (list, tuple)):
        raise TypeError(f"callbacks must be a list of Keras callbacks; got {callbacks!r}.")
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise TypeError(f"callbacks: {callback!r} is no Keras callback (keras.callbacks.Callback).")
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            raise ValueError(
                "callbacks: BackupAndRestore knows neither the rates nor the order of this run. "
                "Use checkpoint_folder=… in its place, and resume=True to go on."
            )
    return tuple(callbacks)
