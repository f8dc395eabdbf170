"""The learner's training: `fit`, `fit_onecycle` and `autofit` are three policies for one loop."""

import functools

import numpy as np

from ktlearn.backend import keras
from ktlearn.kinds import CLASSES
from ktlearn.learner.best_epoch import BestEpoch
from ktlearn.learner.checkpoints import LAST, Checkpoint
from ktlearn.learner.learning_data import (
    ReadyBatches,
    first_inputs,
    has_labels,
    kind_of,
    training_batches,
    validation_batches,
)
from ktlearn.optimizers import fit_optimizer
from ktlearn.schedules import Schedule, constant, one_cycle, sgdr, triangular
from ktlearn.support.arguments import check_number, check_rate, check_whole
from ktlearn.support.bars import Progress

ENDLESS, PATIENCE, PLATEAU = 1024, 5, 2  # epochs: what autofit takes when it is told nothing; ktrain's


class Fitting:
    """The part of the :class:`ktlearn.learner.Learner` that trains."""

    def fit(
        self,
        lr,
        n_cycles,
        cycle_len=None,
        cycle_mult=1,
        lr_decay=1,
        checkpoint_folder=None,
        early_stopping=None,
        class_weight=None,
        callbacks=(),
        steps_per_epoch=None,
        verbose=1,
        *,
        resume=False,
    ):
        """Train at one learning rate, or with one that comes down again and again (SGDR).

        Args:
            lr: the learning rate; or a policy, as in ``ktlearn.schedules``.
            n_cycles: number of epochs; with ``cycle_len`` the number of cycles.
            cycle_len: epochs in which the rate comes down along half a cosine; then it is ``lr`` again.
            cycle_mult: each cycle is so many times as long as the one before.
            lr_decay: each cycle begins at this share of the rate at which the one before began.
            checkpoint_folder: keep the run here after each epoch, and the model of the best one in its
                folder ``best``; see ``ktlearn.learner.checkpoints``.
            early_stopping: stop after so many epochs without a lower validation loss, and put the best
                weights back.
            class_weight: ``{class number: weight}`` of its examples in the loss; for classes only.
            callbacks: more Keras callbacks.
            steps_per_epoch: batches in an epoch; left out, an epoch is all the data once.
            verbose: 0 prints nothing.
            resume: True to go on from the checkpoint, with the call otherwise repeated as it was. The result
                is that of a run without interruption (where a data set of your own shuffles itself, but for its
                order). Where there is no checkpoint yet, the run begins.

        Returns:
            Keras' History, also kept as ``learner.history``. Beside the figures of each epoch it holds
            ``lr``, ``iterations`` and, where it changes, ``momentum``: one value for each batch. After an
            interruption (Ctrl-C, or the stop button) it holds what was done until then, and the model
            keeps it too.

        Raises:
            ValueError: an argument is unusable, there are no labelled training data, or the checkpoint is
                damaged or of another run.
        """
        check_whole("n_cycles: the number of epochs", n_cycles)
        check_whole("cycle_mult", cycle_mult)
        epochs = n_cycles
        if cycle_len is not None:
            check_whole("cycle_len", cycle_len)
            epochs = sum(cycle_len * cycle_mult**cycle for cycle in range(n_cycles))
        if callable(lr):
            policy, lr = lr, getattr(lr, "__name__", "a policy")
        elif cycle_len is None:
            policy = functools.partial(constant, learning_rate=check_rate(lr))
        else:
            check_rate(lr)

            def policy(step, steps):
                return sgdr(step, steps, lr, steps // epochs * cycle_len, cycle_mult, lr_decay)

        run = dict(method="fit", lr=lr, cycle_len=cycle_len, cycle_mult=cycle_mult, lr_decay=lr_decay)
        best = self._best("val_loss", early_stopping, None, 2, verbose)
        return self._train(
            run, policy, epochs, best, checkpoint_folder, resume, class_weight, callbacks, steps_per_epoch, verbose
        )

    def fit_onecycle(
        self,
        lr,
        epochs,
        checkpoint_folder=None,
        cycle_momentum=True,
        max_momentum=0.95,
        min_momentum=0.85,
        class_weight=None,
        callbacks=(),
        steps_per_epoch=None,
        verbose=1,
        *,
        resume=False,
    ):
        """Train with the one-cycle policy: up to ``lr`` in the middle of the run, then down.

        The momentum mirrors the rate, unless ``cycle_momentum=False``. The rest is as in :meth:`fit`.

        Source: Smith 2018, arXiv:1803.09820.
        """
        policy = _with_momentum(one_cycle, check_rate(lr), cycle_momentum, max_momentum, min_momentum)
        run = dict(method="fit_onecycle", lr=lr, momentum=[cycle_momentum, max_momentum, min_momentum])
        best = self._best("val_loss", None, None, 2, verbose)
        return self._train(
            run, policy, epochs, best, checkpoint_folder, resume, class_weight, callbacks, steps_per_epoch, verbose
        )

    def autofit(
        self,
        lr,
        epochs=None,
        early_stopping=None,
        reduce_on_plateau=None,
        reduce_factor=2,
        cycle_momentum=True,
        max_momentum=0.95,
        min_momentum=0.85,
        monitor="val_loss",
        checkpoint_folder=None,
        class_weight=None,
        callbacks=(),
        steps_per_epoch=None,
        verbose=1,
        *,
        resume=False,
    ):
        """Train until it helps no more: up to ``lr`` and down again in each epoch.

        Args:
            lr: the highest learning rate.
            epochs: left out, training ends by itself: ``early_stopping`` is then 5 and
                ``reduce_on_plateau`` 2, unless they are given.
            early_stopping: stop after so many epochs without a better figure, and put the weights of the
                best epoch back.
            reduce_on_plateau: after so many, divide the highest rate.
            reduce_factor: by this number.
            monitor: the figure to watch. "val_loss" is better when lower, "val_accuracy" when higher.

        The rest is as in :meth:`fit` and :meth:`fit_onecycle`.

        Raises:
            ValueError: the figure needs validation data and there are none; or as in :meth:`fit`.

        Source: Smith 2015, arXiv:1506.01186.
        """
        high = check_rate(lr)
        if epochs is None:
            early_stopping, reduce_on_plateau = early_stopping or PATIENCE, reduce_on_plateau or PLATEAU
            if verbose:
                print(
                    f"Training ends after {early_stopping} epochs without a better {monitor}; "
                    f"after {reduce_on_plateau} the learning rate is divided by {reduce_factor}."
                )
        check_number("reduce_factor", reduce_factor, 1, 1000, 2)
        epochs = ENDLESS if epochs is None else epochs
        best = self._best(monitor, early_stopping, reduce_on_plateau, reduce_factor, verbose)

        def policy(step, steps):
            cycle = steps // epochs
            rate, momentum = triangular(step, steps, high, cycle, max_momentum, min_momentum)
            return rate, momentum if cycle_momentum else None

        run = dict(method="autofit", lr=lr, momentum=[cycle_momentum, max_momentum, min_momentum], monitor=monitor)
        run |= dict(early_stopping=early_stopping, reduce_on_plateau=reduce_on_plateau, reduce_factor=reduce_factor)
        return self._train(
            run, policy, epochs, best, checkpoint_folder, resume, class_weight, callbacks, steps_per_epoch, verbose
        )

    def _train(
        self, run, policy, epochs, best, checkpoint_folder, resume, class_weight, callbacks, steps_per_epoch, verbose
    ):
        """The one training loop: everything is checked, then everything is made ready, then Keras trains."""
        check_whole("The number of epochs", epochs)
        if resume and checkpoint_folder is None:
            raise ValueError("resume=True goes on from a checkpoint: say where it is with checkpoint_folder=….")
        data = self._trainable_data(class_weight, steps_per_epoch)
        self._make_ready(data)

        seed = int(np.random.randint(2**31))
        batches = training_batches(data, self.batch_size, seed, steps_per_epoch)
        schedule = best.schedule = Schedule(policy, epochs * len(batches))
        history = keras.callbacks.History()  # our own: there is one even when the first step is interrupted
        watchers, checkpoint, finished = [schedule, history], None, False
        watchers += [Progress(epochs, len(batches))] if verbose else []
        watchers += [best] if best.is_wanted or checkpoint_folder is not None else []
        if checkpoint_folder is not None:
            run |= dict(epochs=epochs, steps=len(batches), batch_size=self.batch_size, seed=seed)
            checkpoint = Checkpoint(checkpoint_folder, run, schedule, history, best, self.save_model)
            finished = _open(checkpoint, self.model, resume, verbose)
            batches = training_batches(data, self.batch_size, checkpoint.run["seed"], steps_per_epoch)
            for _ in range(checkpoint.done):
                batches.on_epoch_end()  # draws the order of the next epoch
            watchers.append(checkpoint)
        try:
            if not finished:
                self.model.fit(
                    batches.for_keras(),
                    initial_epoch=checkpoint.done if checkpoint else 0,
                    epochs=epochs,
                    steps_per_epoch=steps_per_epoch if isinstance(data, ReadyBatches) else None,
                    validation_data=self._validation(),
                    callbacks=[*watchers, *callbacks],
                    class_weight=class_weight,
                    verbose=0,
                    shuffle=False,  # the batches shuffle themselves
                )
        except KeyboardInterrupt:
            print(f"\nInterrupted in batch {schedule.step} of {schedule.steps}. The model keeps what it has learned.")
            if checkpoint:
                print(f"{checkpoint.done} of {epochs} epochs are in {checkpoint.folder}: resume=True goes on there.")
        best.restore(self.model)
        self.history = _with_rates(history, schedule)
        return history

    def _best(self, monitor, early_stopping, reduce_on_plateau, reduce_factor, verbose):
        for name, number in (("early_stopping", early_stopping), ("reduce_on_plateau", reduce_on_plateau)):
            if number is not None:
                check_whole(name, number)
        if not self._is_validated() and monitor.startswith("val_"):
            if early_stopping or reduce_on_plateau:
                raise ValueError(
                    f"{monitor!r} needs labelled validation data: get_learner(…, val_data=…). "
                    "autofit can watch the training instead: monitor='loss'."
                )
            monitor = "loss"
        return BestEpoch(monitor, early_stopping, reduce_on_plateau, reduce_factor, verbose=verbose)

    def _trainable_data(self, class_weight, steps_per_epoch=None):
        if steps_per_epoch is not None:
            check_whole("steps_per_epoch", steps_per_epoch)
        rate = getattr(self.model.optimizer, "_learning_rate", None)
        if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
            raise ValueError(
                "The model was compiled with a learning-rate schedule in its optimizer, but the learner sets the "
                "rate itself. Compile it with a number, or give the policy here: learner.fit(policy, epochs)."
            )
        data = self._data(self.train_data, labels=True, name="train_data")
        if class_weight and kind_of(data, self.model) != CLASSES:
            kind = kind_of(data, self.model)
            raise ValueError(f"class_weight is for classes, one for each text; the labels are {kind}.")
        return data

    def _make_ready(self, data):
        """Build what is not built yet, and keep the weights from before the first training."""
        if not self.model.built:
            self.model(first_inputs(data))
        fit_optimizer(self.model)
        self._remember_start()

    def _is_validated(self):
        return self.val_data is not None and has_labels(self.val_data)

    def _validation(self):
        return validation_batches(self.val_data, self.eval_batch_size) if self._is_validated() else None


def _open(checkpoint, model, resume, verbose):
    """Go on from the checkpoint if that is wanted; say what becomes of one that is there."""
    there = (checkpoint.folder / LAST).exists()
    if not resume:
        if there and verbose:
            print(f"A new run: it will replace the checkpoint in {checkpoint.folder}; resume=True goes on there.")
        return False
    finished = checkpoint.go_on(model)
    if there and verbose:
        what = ", and the run is finished" if finished else ": training goes on"
        print(f"{checkpoint.done} of {checkpoint.run['epochs']} epochs are in {checkpoint.folder}{what}.")
    return finished


def _with_momentum(policy, lr, cycle_momentum, max_momentum, min_momentum):
    def with_momentum(step, steps):
        rate, momentum = policy(step, steps, lr, max_momentum, min_momentum)
        return rate, momentum if cycle_momentum else None

    return with_momentum


def _with_rates(history, schedule):
    history.history["lr"] = schedule.learning_rates
    history.history["iterations"] = list(range(schedule.step))
    if schedule.momenta:
        history.history["momentum"] = schedule.momenta
    return history
