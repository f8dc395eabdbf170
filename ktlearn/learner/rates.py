"""The learner's look for a learning rate: `lr_find`, `lr_plot`, `lr_estimate`."""

from ktlearn.learner import pictures
from ktlearn.learner.lr_find import HIGHEST, LR_MULT, search_rates, suggest
from ktlearn.support.arguments import check_number, check_whole


class Rates:
    """The part of the :class:`ktlearn.learner.Learner` that looks for a learning rate."""

    search = None  # the curve of the last lr_find

    def lr_find(
        self,
        start_lr=1e-7,
        lr_mult=LR_MULT,
        max_epochs=None,
        class_weight=None,
        stop_factor=4,
        show_plot=False,
        suggest=False,
        restore_weights_only=False,
        verbose=1,
    ):
        """Train a little with a rate that rises from batch to batch, and watch the loss.

        Afterwards, and after an interruption too, everything is as it was before: weights, the optimizer's
        memory and settings, what is frozen, loss, metrics, random numbers. The model object stays the same.

        Args:
            start_lr: the lowest rate.
            lr_mult: each batch has a rate so many times higher.
            max_epochs: so many epochs from the lowest rate to 10, in place of ``lr_mult``. Left out, it is
                5 (and at least 100 batches) where an epoch has 64 batches or fewer and ``lr_mult`` was not chosen.
            class_weight: as in :meth:`fit`.
            stop_factor: stop when the smoothed loss is so many times its lowest value.
            show_plot: True to call :meth:`lr_plot` at the end.
            suggest: with ``show_plot``, mark the suggestions.
            restore_weights_only: ktrain's; accepted, and without effect: everything is restored.
            verbose: 0 prints nothing.

        Returns:
            The :class:`ktlearn.learner.lr_find.Suggestions`; :meth:`lr_estimate` gives them again.

        Raises:
            ValueError: an argument is unusable, or there are no labelled training data.

        Source: Smith 2015, arXiv:1506.01186, section 3.3.
        """
        check_number("start_lr", start_lr, 0, HIGHEST / 10, 1e-7)
        check_number("lr_mult", lr_mult, 1, 10, LR_MULT)
        check_number("stop_factor", stop_factor, 1, 1e6, 4)
        if max_epochs is not None:
            check_whole("max_epochs", max_epochs)
        data = self._trainable_data(class_weight)
        self._make_ready(data)
        self.search = search_rates(
            self.model, data, self.batch_size, start_lr, lr_mult, max_epochs, class_weight, stop_factor, verbose
        )
        if show_plot:
            self.lr_plot(suggest=suggest)
        return self.lr_estimate()

    def lr_plot(self, n_skip_beginning=10, n_skip_end=5, suggest=False, return_fig=False):
        """Draw the loss over the rate, from the last :meth:`lr_find`.

        Args:
            n_skip_beginning, n_skip_end: batches left out at the two ends of the curve.
            suggest: True to mark the suggestions in the curve, and print them.
            return_fig: True to get the figure back.

        Raises:
            ValueError: there was no search, or it is too short for a curve.
        """
        suggestions = self.lr_estimate()
        ax = pictures.rate_curve(
            self.search.rates, self.search.losses, n_skip_beginning, n_skip_end, suggestions if suggest else None
        )
        if suggest:
            print(suggestions)
        return ax.figure if return_fig else None

    def lr_estimate(self):
        """The suggestions of the last :meth:`lr_find`: ``(steepest, minimum_over_10, valley)``, by name too."""
        if self.search is None:
            raise ValueError("There is no search yet: call lr_find() first.")
        return suggest(self.search.rates, self.search.losses)
