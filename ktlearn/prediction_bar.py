"""A bar for predictions that take a while."""

from tqdm.auto import tqdm

from ktlearn.backend import keras

BAR_FROM = 500  # texts


class PredictionBar(keras.callbacks.Callback):
    """Count the texts that are done, in a terminal or in a notebook; only when there are many."""

    def __init__(self, count, batch_size, verbose=1):
        super().__init__()
        self.count, self.batch_size = count, batch_size
        self.is_hidden = not verbose or count < BAR_FROM

    def on_predict_begin(self, logs=None):
        self.bar = tqdm(total=self.count, desc="predicting", unit=" texts", disable=self.is_hidden)

    def on_predict_batch_end(self, batch, logs=None):
        self.bar.update(min(self.batch_size, self.count - batch * self.batch_size))

    def on_predict_end(self, logs=None):
        self.bar.close()
