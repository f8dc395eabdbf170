"""The learner's hand on memory: a large batch in small parts, and results that are computed again, not kept."""

from ktlearn.learner.base import LearnerBase
from ktlearn.optimizers import innermost, renew_optimizer
from ktlearn.support.arguments import check_flag, check_whole
from ktlearn.support.characters import say
from ktlearn.support.distributed import replica_count
from ktlearn.support.keras_internals import all_layers, forget_compiled
from ktlearn.support.recomputed import Recomputed
from ktlearn.transformer import EncoderLayer


class MemorySaving(LearnerBase):
    """The part of the :class:`ktlearn.learner.Learner` that trains what does not fit at once."""

    def accumulate_gradients(self, batches):
        """Let several batches make one step, as one batch of all their texts would (gradient accumulation).

        A step then needs the memory of one small batch, and one number more for each weight. A rest of batches at the
        very end of a training, too few for a step, changes nothing.

        Args:
            batches: so many make a step; 1 for a step with every batch.

        Raises:
            ValueError: it is no number of batches, or the model trains on several devices.

        >>> import numpy as np
        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "softmax")])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), batch_size=1)
        >>> learner.accumulate_gradients(2)
        >>> history = learner.fit(0.1, 3, verbose=0)
        >>> int(learner.model.optimizer.iterations)  # six batches, three steps
        3
        """
        check_whole("batches", batches)
        if replica_count(self.model) > 1:
            raise ValueError("accumulate_gradients: a model on several devices shares its batches among them already.")
        innermost(self.model.optimizer).gradient_accumulation_steps = batches if batches > 1 else None
        renew_optimizer(self.model)

    def recompute_layers(self, recompute=True, verbose=1):
        """Keep of each Transformer layer only what goes into it, and compute the rest again (gradient checkpointing).

        What is learned stays the same, to the last rounding; a step takes about a third longer. For long texts the
        layers' results are most of the memory.

        Args:
            recompute: False to keep them again.
            verbose: 0 prints nothing.

        Raises:
            ValueError: the model has no Transformer layers of ktlearn.

        Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".

        >>> from ktlearn import text
        >>> t = text.Transformer("ktlearn/mini-bert-en", maxlen=16, class_names=["sad", "glad"])
        >>> from ktlearn.learner import get_learner
        >>> data = t.preprocess_train(["a good day", "a bad day"], ["glad", "sad"], verbose=0)
        >>> learner = get_learner(t.get_classifier(), data)
        >>> learner.recompute_layers()
        4 layers are computed twice in each step, and their results are not kept.
        """
        check_flag("recompute", recompute)
        layers = [layer for layer in all_layers(self.model) if isinstance(layer, EncoderLayer)]
        if not layers:
            raise ValueError(f"recompute_layers: {type(self.model).__name__} has no Transformer layers of ktlearn.")
        for layer in layers:
            if isinstance(layer.call, Recomputed):
                layer.call = layer.call.plain
            if recompute:
                layer.call = Recomputed(layer)
        forget_compiled(self.model)
        if verbose:
            what = (
                "are computed twice in each step, and their results are not kept" if recompute else "keep their results"
            )
            say(f"{len(layers)} layers {what}.")
