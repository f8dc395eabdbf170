"""ktlearn: Transformers by hand, and published ones fine-tuned, in Keras 3 and Jupyter.

    import ktlearn as ktrain
    from ktlearn import text

    t = text.Transformer("ktlearn/mini-bert-en", maxlen=128, class_names=["negative", "positive"])
    trn = t.preprocess_train(x_train, y_train)
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, batch_size=16)
    learner.fit_onecycle(5e-5, 4)
    ktrain.get_predictor(learner.model, preproc=t).predict("A quiet film that stayed with me.")

Importing this module is quick: Keras and its backend load with the first name that needs them.
"""

import importlib
import os

__version__ = "0.1.0"

# transformers would say at import that there is no PyTorch; ktlearn wants none.
os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")

_NAMES = {
    "SentenceEncoder": "predictor.sentence_encoder",
    "ZeroShotClassifier": "predictor.zero_shot",
    "device": "course.device",
    "exercise": "exercises.find",
    "get_learner": "learner",
    "get_predictor": "predictor",
    "load_predictor": "predictor",
    "progress": "course.progress",
    "seed_weights": "seeding",
}
_MODULES = (
    "attention",
    "data",
    "doctor",
    "generate",
    "layers",
    "learner",
    "models",
    "optimizers",
    "plots",
    "predictor",
    "project",
    "schedules",
    "seq2seq",
    "tasks",
    "text",
    "transformer",
)

_MOVED = {"doctor": "course.doctor"}  # modules that stand deeper than the name a reader imports

__all__ = [*_NAMES, *_MODULES]  # they arrive on first use


def __getattr__(name):
    if name in _NAMES:
        return getattr(importlib.import_module(f"ktlearn.{_NAMES[name]}"), name)
    if name in _MODULES:
        return importlib.import_module(f"ktlearn.{_MOVED.get(name, name)}")
    raise AttributeError(f"module 'ktlearn' has no attribute {name!r}")


def __dir__():
    return sorted([*__all__, "__version__"])
