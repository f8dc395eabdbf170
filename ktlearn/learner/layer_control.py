"""The learner's hand on single layers: what is frozen, what learns how fast, what decays, and LoRA."""

import numpy as np

from ktlearn.learner import lora
from ktlearn.learner.base import LearnerBase
from ktlearn.learner.layer_groups import blocks, positions_of
from ktlearn.optimizers import AdamW, innermost, set_weight_decay
from ktlearn.support.arguments import check_flag, check_number, check_rate, check_whole
from ktlearn.support.characters import say
from ktlearn.support.keras_internals import forget_compiled, is_decayed


class LayerControl(LearnerBase):
    """The part of the :class:`ktlearn.learner.Learner` that treats layers differently."""

    def print_layers(self, show_wd=False):
        """Print the model's blocks: number, name, weights, how many of them are trained, share of the rate.

        Args:
            show_wd: True to print too how many weights the weight decay shrinks.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.print_layers()
          0  body                               12 weights, 12 trained
          1  head                               10 weights, 10 trained
        """
        check_flag("show_wd", show_wd)
        optimizer = innermost(self.model.optimizer)
        share_of = optimizer.share_of if isinstance(optimizer, AdamW) else lambda variable: 1
        for number, block in enumerate(self._blocks()):
            trained = [variable for variable in block.variables if variable.trainable]
            line = f"{number:>3}  {block.name:<24} {_count(block.variables):>12,} weights"
            line += f", {_count(trained):,} trained" if trained else ", frozen"
            share = {share_of(variable) for variable in trained}
            line += f", rate × {share.pop():.3g}" if share and share != {1} else ""
            if show_wd:
                decay = self.get_weight_decay()
                decayed = [variable for variable in trained if is_decayed(variable, optimizer)]
                line += f", {_count(decayed):,} decayed by {decay:g}" if decayed else ", none decayed"
            say(line)

    def freeze(self, freeze_range=None):
        """Keep the first blocks as they are in training; all others are trained.

        Args:
            freeze_range: a number k, the first k blocks of :meth:`print_layers` (1 is the embeddings, 3 the
                embeddings and two layers); a name, or a list of names, from there; left out, all but the last
                block, which is the head.

        Raises:
            ValueError: there is no such block, or the model has LoRA.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.freeze("body")
        >>> learner.print_layers()
          0  body                               12 weights, frozen
          1  head                               10 weights, 10 trained
        """
        found = self._blocks("freeze")
        if freeze_range is None:
            freeze_range = max(1, len(found) - 1)
        self._train_all_but(positions_of(freeze_range, found, "freeze_range"), found)

    def unfreeze(self, exclude_range=None):
        """Train all blocks; with ``exclude_range``, all but these, chosen as in :meth:`freeze`.

        Raises:
            ValueError: as :meth:`freeze`.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.freeze("body")
        >>> learner.unfreeze()
        >>> len(learner.model.trainable_variables)
        4
        """
        found = self._blocks("unfreeze")
        self._train_all_but(positions_of(exclude_range, found, "exclude_range") if exclude_range else [], found)

    def set_layer_decay(self, decay=0.9):
        """Let each block learn at a smaller rate than the one above it; the last one learns at the full rate.

        A layer near the input has learned what all texts have in common, so it should change least.

        Args:
            decay: the share of the rate of the block above; 1 for the same rate everywhere.

        Raises:
            ValueError: the decay is not above 0 and at most 1, or the optimizer is another than ktlearn's AdamW.

        Source: Howard and Ruder 2018 (ULMFiT), section 3.2, "discriminative fine-tuning"; for BERT, Sun et
        al. 2019, arXiv:1905.05583.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> from ktlearn.optimizers import adamw
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(adamw(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.set_layer_decay(0.5)
        >>> learner.print_layers()
          0  body                               12 weights, 12 trained, rate × 0.5
          1  head                               10 weights, 10 trained
        """
        check_number("decay", decay, 0, 1, 0.9)
        optimizer = innermost(self.model.optimizer)
        if not isinstance(optimizer, AdamW):
            raise ValueError(
                f"set_layer_decay needs ktlearn's AdamW; the model has {type(optimizer).__name__}. "
                "Compile it with optimizer=ktlearn.optimizers.adamw()."
            )
        found = self._blocks()
        shares = [(v, decay ** (len(found) - 1 - i)) for i, block in enumerate(found) for v in block.variables]
        optimizer.set_shares(shares if decay < 1 else [])
        self._layer_decay = decay
        forget_compiled(self.model)

    def add_lora(self, rank=8, alpha=None, layers=lora.ATTENTION):
        """Train a small change to some matrices instead of the matrices (LoRA), and the last block.

        Saving writes the plain layout with the change added, as if there had never been a LoRA.

        Args:
            rank: r, the number of columns of A and rows of B.
            alpha: the change is multiplied by ``alpha / rank``; left out, by 1.
            layers: names of the Keras layers; left out, the projections of every attention.

        Raises:
            ValueError: the rank or alpha is unusable, there is LoRA already, or no layer has such a name.

        Source: Hu et al. 2021, "LoRA", arXiv:2106.09685.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.add_lora(rank=1, layers="body")
        >>> [tuple(variable.shape) for variable in learner.model.trainable_variables]
        [(2, 1), (1, 4), (4, 2), (2,)]
        """
        check_whole("rank", rank)
        if alpha is not None:
            check_number("alpha", alpha, 0, 1e6, 16)
        names = [layers] if isinstance(layers, str) else list(layers) if isinstance(layers, (list, tuple)) else [None]
        if not all(isinstance(name, str) for name in names):
            raise ValueError(f"layers must be names of Keras layers, such as {lora.ATTENTION}; got {layers!r}.")
        self._blocks()
        self._remember_start()
        self._before_lora = lora.add(self.model, rank, alpha, names)
        if self._layer_decay < 1:
            self.set_layer_decay(self._layer_decay)  # for A and B too

    def merge_lora(self):
        """Add what LoRA has learned to the matrices and make the layers plain again.

        What was trainable before :meth:`add_lora` is so again. The model's answers stay the same.

        Raises:
            ValueError: the model has no LoRA.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.add_lora(rank=1, layers="body")
        >>> learner.merge_lora()
        >>> len(learner.model.trainable_variables)
        4
        """
        if not lora.adapted(self.model):
            raise ValueError("merge_lora: this model has no LoRA. Call add_lora() first.")
        lora.merge(self.model, self._before_lora)

    def set_weight_decay(self, wd=0.01):
        """Take so large a share off each matrix at each step, times the rate; 0 for none.

        Biases and normalisations are not decayed.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.set_weight_decay(0.05)
        >>> learner.get_weight_decay()
        0.05
        """
        check_number("wd", wd, 0, 1, 0.01, or_low=True)
        set_weight_decay(self.model, float(wd))

    def get_weight_decay(self):
        """The weight decay of the optimizer; 0 for none.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.get_weight_decay()
        0.004
        """
        return float(innermost(self.model.optimizer).weight_decay or 0)

    def set_lr(self, lr):
        """Set the optimizer's rate, for a training by ``model.fit``; the learner's own sets its rate itself.

        >>> from ktlearn.backend import keras
        >>> from ktlearn.learner import get_learner
        >>> body, head = keras.layers.Dense(4, name="body"), keras.layers.Dense(2, "softmax", name="head")
        >>> model = keras.Sequential([keras.Input((2,)), body, head])
        >>> model.compile(keras.optimizers.AdamW(), "sparse_categorical_crossentropy")
        >>> learner = get_learner(model, (np.eye(2), np.arange(2)), (np.eye(2), np.arange(2)))
        >>> learner.set_lr(0.25)
        >>> float(learner.model.optimizer.learning_rate)
        0.25
        """
        self.model.optimizer.learning_rate = check_rate(lr)

    def _blocks(self, wanted_by=None):
        """The model's blocks; ``wanted_by`` is the name of a method that cannot have them with LoRA."""
        if not self.model.built:
            raise ValueError("The model has no weights yet: call it once on data, or train it, first.")
        if wanted_by and lora.adapted(self.model):
            raise ValueError(f"{wanted_by}: with LoRA the matrices are frozen. Call merge_lora() first.")
        return blocks(self.model)

    def _train_all_but(self, frozen, found):
        for place, block in enumerate(found):
            block.set_trainable(place not in frozen)
        forget_compiled(self.model)  # it was compiled for other variables


def _count(variables):
    return int(sum(np.prod(variable.shape) for variable in variables))
