"""Settings for the whole suite: the same on every machine, whatever its user has set up."""

import os

os.environ.setdefault("MPLBACKEND", "Agg")  # draws without a screen
os.environ.setdefault("KERAS_BACKEND", "tensorflow")  # not what ~/.keras/keras.json says
