"""The learner's training: `fit`, `fit_onecycle` and `autofit` are three policies for one loop."""

import contextlib
import dataclasses
import functools
import json
import zlib

import numpy as np

from ktlearn.backend import keras
from ktlearn.kinds import loss_name
from ktlearn.learner.base import LearnerBase
from ktlearn.learner.best_epoch import BestEpoch, check_monitor
from ktlearn.learner.checkpoints import Checkpoint
from ktlearn.learner.finite_loss import FiniteLoss
from ktlearn.learner.run import Run, checked_callbacks
from ktlearn.learner.saving import save_weights
from ktlearn.optimizers import check_steps, own_momentum, settings_of
from ktlearn.schedules import Schedule, check_policy, constant, one_cycle, sgdr, triangular
from ktlearn.support.arguments import check_flag, check_momenta, check_number, check_rate, check_whole
from ktlearn.support.bars import Progress
from ktlearn.support.characters import say
from ktlearn.support.distributed import (
    ProcessLost,
    check_same,
    from_first,
    is_first,
    process_count,
    replica_count,
    spread,
    stops_with_the_others,
)

ENDLESS, PATIENCE, PLATEAU = 1024, 5, 2  # epochs: what autofit takes when it is told nothing; ktrain's
MOST = 1_000_000  # epochs of growing cycles


class Fitting(LearnerBase):
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
        monitor="val_loss",
        resume=False,
        sample_weight=None,
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
            early_stopping: stop after so many epochs without a better figure, and put the best weights back.
            class_weight: how much the examples of a class count in the loss: ``{class: weight}``, the class by
                name or number, or an array of a weight for each class, as scikit-learn computes it.
            callbacks: more Keras callbacks. One that sets the learning rate changes the policy's rates from there
                on by the same factor.
            steps_per_epoch: batches in an epoch; left out, an epoch is all the data once.
            verbose: 0 prints nothing.
            monitor: the figure that says which epoch is the best one. "val_loss" is better when lower,
                "val_accuracy" when higher.
            resume: True to go on from the checkpoint, with the call otherwise repeated as it was. The result
                is that of a run without interruption (where a data set of your own shuffles itself, but for its
                order). Where there is no checkpoint yet, the run begins.
            sample_weight: how much each training example counts in the loss, N numbers.

        Returns:
            Keras' History, also kept as ``learner.history``. Beside the figures of each epoch it holds
            ``lr``, ``iterations`` and, where it changes, ``momentum``: one value for each batch. After an
            interruption (Ctrl-C, or the stop button) it holds what was done until then, and the model
            keeps it too.

        Raises:
            ValueError: an argument is unusable, there are no labelled training data, the figure needs validation
                data and there are none, or the checkpoint is damaged or of another run.

        Source: Loshchilov and Hutter 2016 (SGDR), arXiv:1608.03983, for the cycles.

        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), batch_size=1)
        >>> learner.fit(0.1, 2, cycle_len=1, verbose=0).history["lr"]
        [0.1, 0.05, 0.1, 0.05]
        """
        check_whole("n_cycles", n_cycles, "the number of epochs")
        check_whole("cycle_mult", cycle_mult)
        check_number("lr_decay", lr_decay, 0, 1, 0.5)
        epochs = n_cycles if cycle_len is None else _epochs_of(n_cycles, cycle_len, cycle_mult)
        if callable(lr):
            policy, lr = lr, getattr(lr, "__name__", "a policy")
        elif cycle_len is None:
            policy = functools.partial(constant, learning_rate=check_rate(lr))
        else:
            check_rate(lr)

            def policy(step, steps):
                return sgdr(step, steps, lr, steps // epochs * cycle_len, cycle_mult, lr_decay)

        return self._train(
            Run(
                "fit",
                policy,
                epochs,
                dict(lr=lr, cycle_len=cycle_len, cycle_mult=cycle_mult, lr_decay=lr_decay, monitor=monitor),
                checkpoint_folder,
                resume,
                early_stopping,
                monitor=monitor,
                class_weight=class_weight,
                sample_weight=sample_weight,
                callbacks=checked_callbacks(callbacks),
                steps_per_epoch=steps_per_epoch,
                verbose=verbose,
            )
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
        monitor="val_loss",
        resume=False,
        sample_weight=None,
    ):
        """Train with the one-cycle policy: up to ``lr`` in the middle of the run, then down.

        Args:
            lr: the highest learning rate.
            epochs: number of epochs.
            cycle_momentum: False to leave the optimizer's momentum as it is.
            max_momentum, min_momentum: the momentum at the lowest and at the highest rate.

        The rest is as in :meth:`fit`.

        Source: Smith 2018, arXiv:1803.09820.

        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), batch_size=1)
        >>> learner.fit_onecycle(1.0, 2, verbose=0).history["lr"]
        [0.1, 0.55, 1.0, 0.5005]
        """
        one = functools.partial(one_cycle, max_learning_rate=check_rate(lr))
        policy = _mirrored(one, cycle_momentum, max_momentum, min_momentum)
        return self._train(
            Run(
                "fit_onecycle",
                policy,
                epochs,
                dict(lr=lr, momentum=[cycle_momentum, max_momentum, min_momentum], monitor=monitor),
                checkpoint_folder,
                resume,
                monitor=monitor,
                class_weight=class_weight,
                sample_weight=sample_weight,
                callbacks=checked_callbacks(callbacks),
                steps_per_epoch=steps_per_epoch,
                verbose=verbose,
            )
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
        sample_weight=None,
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
            monitor: the figure to watch, as in :meth:`fit`.

        The rest is as in :meth:`fit` and :meth:`fit_onecycle`.

        Source: Smith 2015, arXiv:1506.01186.

        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        >>> model.compile("adam", "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), batch_size=1)
        >>> learner.autofit(1.0, 2, verbose=0).history["lr"]
        [0.1, 1.0, 0.1, 1.0]
        """
        high = check_rate(lr)
        ends_by_itself = epochs is None
        if ends_by_itself:
            epochs = ENDLESS
            early_stopping = PATIENCE if early_stopping is None else early_stopping
            reduce_on_plateau = PLATEAU if reduce_on_plateau is None else reduce_on_plateau

        def one_each_epoch(step, steps, **momenta):
            return triangular(step, steps, high, steps // epochs, **momenta)

        policy = _mirrored(one_each_epoch, cycle_momentum, max_momentum, min_momentum)
        settings = dict(lr=lr, momentum=[cycle_momentum, max_momentum, min_momentum], monitor=monitor)
        settings |= dict(
            early_stopping=early_stopping, reduce_on_plateau=reduce_on_plateau, reduce_factor=reduce_factor
        )
        run = Run(
            "autofit",
            policy,
            epochs,
            settings,
            checkpoint_folder,
            resume,
            early_stopping=early_stopping,
            reduce_on_plateau=reduce_on_plateau,
            reduce_factor=reduce_factor,
            monitor=monitor,
            class_weight=class_weight,
            sample_weight=sample_weight,
            callbacks=checked_callbacks(callbacks),
            steps_per_epoch=steps_per_epoch,
            verbose=verbose,
        )
        if ends_by_itself and verbose:
            say(
                f"Training ends after {early_stopping} epochs without a better {monitor}; "
                f"after {reduce_on_plateau} the learning rate is divided by {reduce_factor}."
            )
        return self._train(run)

    def _train(self, run):
        """The one training loop: everything is checked, then everything is made ready, then Keras trains."""
        run = self._with_a_figure_to_watch(run)
        if not is_first():
            run = dataclasses.replace(run, verbose=0)
        data = self._ready_data(run.class_weight, run.sample_weight)

        seed = from_first(int(np.random.randint(2**31)))
        batches_from = functools.partial(
            data.training_batches,
            self.batch_size,
            steps_per_epoch=run.steps_per_epoch,
            replicas=replica_count(self.model),
        )
        batches = batches_from(seed)
        check_policy(run.policy, run.epochs * len(batches))
        check_steps(self.model, run.epochs * len(batches))
        schedule = Schedule(run.policy, run.epochs * len(batches), is_shared=bool(run.callbacks))
        history = keras.callbacks.History()  # our own: there is one even when the first step is interrupted
        best = BestEpoch(
            run.monitor, run.early_stopping, run.reduce_on_plateau, run.reduce_factor, schedule, run.verbose
        )
        watchers = [schedule, history, FiniteLoss(schedule)]
        watchers += [Progress(run.epochs, len(batches))] if run.verbose else []
        watchers += [best] if run.is_watched or run.checkpoint_folder is not None else []
        checkpoint = None
        if run.checkpoint_folder is not None or process_count() > 1:
            identity = self._identity(run, data, len(batches))
            digest = zlib.crc32(json.dumps(identity, default=str).encode()) >> 1  # 31 bits
            check_same("This training", digest, "Give them the same data, in the same order, and the same arguments.")
        with own_momentum(self.model.optimizer):
            if run.checkpoint_folder is not None:
                save = functools.partial(save_weights, self.model)
                checkpoint = Checkpoint(
                    run.checkpoint_folder, identity | dict(seed=seed), schedule, history, best, save
                )
                checkpoint.open(self.model, run.resume, run.verbose)
                batches = batches_from(checkpoint.run["seed"])
                for _ in range(checkpoint.done):
                    batches.on_epoch_end()  # draws the order of the next epoch
                watchers.append(checkpoint)
            try:
                if checkpoint is None or not checkpoint.is_finished:
                    with _interruptible(schedule, checkpoint), stops_with_the_others(_advice(checkpoint)):
                        self._run_keras(run, batches, watchers, checkpoint.done if checkpoint else 0)
            except ProcessLost:
                best.weights = None  # the model's own are spread over processes of which one is gone
                raise
            finally:  # whatever ends the training, what was done so far is kept
                best.restore(self.model)
                self.history = _with_rates(history, schedule)
        return history

    def _identity(self, run, data, steps):
        """What a run must have in common with the one that it goes on from, by name."""
        settings = dict(method=run.method) | run.settings
        settings |= dict(epochs=run.epochs, steps=steps, batch_size=self.batch_size, early_stopping=run.early_stopping)
        settings |= dict(class_names=data.labels.class_names if data.labels else None)
        settings |= dict(train_data=data.fingerprint())
        settings |= dict(val_data=self.val_data.fingerprint() if self._is_validated() else None)
        settings |= dict(loss=loss_name(self.model), layer_decay=self._layer_decay)
        settings |= dict(optimizer=settings_of(self.model.optimizer))
        last = run.epochs * steps - 1
        return settings | dict(rates=[run.policy(last * eighth // 8, last + 1) for eighth in range(9)])

    def _run_keras(self, run, batches, watchers, done):
        """Let Keras train, from the first epoch that is not done yet."""
        with spread(self.model):
            self.model.fit(
                batches.for_keras(),
                initial_epoch=done,
                epochs=run.epochs,
                steps_per_epoch=batches.steps_per_epoch,
                validation_data=self.val_data.validation_batches(self.eval_batch_size)
                if self._is_validated()
                else None,
                callbacks=[*watchers, *run.callbacks],
                class_weight=batches.class_weight,
                verbose=0,
                shuffle=False,  # the batches shuffle themselves
            )

    def _with_a_figure_to_watch(self, run):
        """The run as it is, when there will be its figure; else watching the training where that is enough."""
        if not run.callbacks:  # one may bring a figure of its own
            check_monitor(run.monitor, self.model)
        if self._is_validated() or not run.monitor.startswith("val_"):
            return run
        if run.is_watched or run.monitor != Run.monitor:
            raise ValueError(
                f"{run.monitor!r} needs labelled validation data: get_learner(…, val_data=…). "
                "Without them, monitor='loss' watches the training."
            )
        return dataclasses.replace(run, monitor="loss")

    def _is_validated(self):
        return self.val_data is not None and self.val_data.has_labels


@contextlib.contextmanager
def _interruptible(schedule, checkpoint):
    """Ctrl-C, or the stop button, ends the block; say what is kept."""
    try:
        yield
    except KeyboardInterrupt:
        say(f"\nInterrupted in batch {schedule.step} of {schedule.steps}. The model keeps what it has learned.")
        if checkpoint:
            epochs = f"{checkpoint.done} of {checkpoint.run['epochs']} epochs"
            say(f"{epochs} are in {checkpoint.folder}: resume=True goes on there.")


def _advice(checkpoint):
    """What to do when another process of the run has stopped."""
    if checkpoint is None:
        return "Start them all again; with checkpoint_folder=… a run can go on where it was."
    return f"Start them all again with resume=True: the run goes on from its last epoch in {checkpoint.folder}."


def _epochs_of(n_cycles, cycle_len, cycle_mult):
    """The number of epochs of growing cycles."""
    check_whole("cycle_len", cycle_len)
    epochs = 0
    for cycle in range(n_cycles):
        epochs += cycle_len * cycle_mult**cycle
        if epochs > MOST:
            raise ValueError(
                f"n_cycles: {n_cycles} cycles that grow {cycle_mult} times would be more than {MOST:,} epochs."
            )
    return epochs


def _mirrored(policy, cycle_momentum, max_momentum, min_momentum):
    """The policy between these momenta; with ``cycle_momentum=False`` it leaves the momentum alone."""
    check_flag("cycle_momentum", cycle_momentum)
    check_momenta(max_momentum, min_momentum)

    def mirrored(step, steps):
        rate, momentum = policy(step, steps, max_momentum=max_momentum, min_momentum=min_momentum)
        return rate, momentum if cycle_momentum else None

    return mirrored


def _with_rates(history, schedule):
    history.history["lr"] = schedule.learning_rates
    history.history["iterations"] = list(range(schedule.step))
    if schedule.momenta:
        history.history["momentum"] = schedule.momenta
    return history
