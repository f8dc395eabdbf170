"""A model that answers with several things when it is called, and with one tensor while it trains."""

import functools

from ktlearn.backend import keras


def _with_one_tensor(method):
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        before, self.one_tensor = self.one_tensor, True
        try:
            return method(self, *args, **kwargs)
        finally:
            self.one_tensor = before

    return wrapped


class OneTensorModel(keras.Model):
    """A Keras model whose ``call`` looks at ``self.one_tensor``.

    It is True inside ``fit``, ``evaluate`` and ``predict`` (and their forms for one batch): Keras' losses
    and metrics want one tensor there, not a tuple of logits, attention maps and hidden states.
    """

    one_tensor = False

    fit = _with_one_tensor(keras.Model.fit)
    evaluate = _with_one_tensor(keras.Model.evaluate)
    predict = _with_one_tensor(keras.Model.predict)
    train_on_batch = _with_one_tensor(keras.Model.train_on_batch)
    test_on_batch = _with_one_tensor(keras.Model.test_on_batch)
    predict_on_batch = _with_one_tensor(keras.Model.predict_on_batch)
