"""What all models of published checkpoints have in common: their config, their files, their way to be called."""

import json
from typing import Any, NamedTuple

import numpy as np

from ktlearn.backend import keras, ops
from ktlearn.models import checkpoint, families, hub, keymap
from ktlearn.models.logits import LogitsModel
from ktlearn.seeding import seed_weights
from ktlearn.support.arguments import as_numbers

WRITERS = ("causal-lm", "seq2seq")  # the tasks of models that write
SPECIAL_TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id")


class ModelOutput(NamedTuple):
    """What a model answers when it is called. What was not asked for, or does not exist, is None.

    >>> ModelOutput(last_hidden_state=1.0).logits is None
    True
    """

    last_hidden_state: Any  # (B, L, D)
    logits: Any = None  # classification (B, labels), masked-lm and causal-lm (B, L, V), question-answering (B, L, 2)
    attentions: Any = None  # one (B, H, L, L) for each layer
    pooler_output: Any = None  # (B, D): BERT's summary of the first token


class PretrainedModel(LogitsModel):
    """The base of ktlearn's models. Made by ``models.from_pretrained`` and ``models.from_config``.

    Args:
        family: the :class:`ktlearn.models.family.Family`.
        config: the checkpoint's config.
        task: None for the bare model, or one of the family's tasks.

    Attributes:
        settings: the config in our names, :class:`ktlearn.models.settings.Settings`.
        num_labels: outputs of a classification head; None for any other.
        loading: after ``from_pretrained`` the fresh and the unused tensors, :class:`ktlearn.models.keymap.Loading`.
        generation_config: how a model that writes wants to be used, :class:`ktlearn.generate.Options` by name: what
            the checkpoint's ``generation_config.json`` says, or its config. None for a model that does not write.
        own_head: after ``from_pretrained`` with ``labels`` one sentence, what became of the checkpoint's own
            classifier; empty where there is none.

    Call: ``model({"input_ids": …, "attention_mask": …}, return_attention=False)``; the arrays are ``(B, L)``,
    the mask may be left out, and so may the dictionary; lists of one length will do. The answer is a
    :class:`ModelOutput`. In ``fit``, ``evaluate`` and ``predict`` the model is a plain Keras model that answers
    with its logits (without a task: with the last hidden state).

    Raises:
        ValueError, TypeError: the inputs are no ids, lack ``input_ids``, or lists in them are of several lengths.

    >>> from ktlearn import models
    >>> model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
    >>> isinstance(model, PretrainedModel), model.settings.d_model, model.key_map()[0].theirs
    (True, 192, 'embeddings.word_embeddings.weight')
    """

    accepted = ("input_ids", "attention_mask", "token_type_ids", "inputs_embeds")
    outputs_are_logits = True

    def __init__(self, family, config, task=None):
        super().__init__(name=family.name.replace("-", "_"))
        # On a GPU Keras would let XLA compile TensorFlow's graph, which it does anew for each length of the texts.
        self.supports_jit = keras.backend.backend() != "tensorflow"
        self.family, self.config, self.task = family, config, task
        self.settings = family.settings(config)
        self.num_labels = config.num_labels if task == "classification" else None
        self.loading, self.own_head = None, ""
        self.generation_config = self._special_tokens() if task in WRITERS else None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        keras.saving.register_keras_serializable("ktlearn")(cls)

    def __call__(self, inputs, *args, **kwargs):
        if hasattr(inputs, "keys"):  # a tokenizer's BatchEncoding is not a dict
            if "input_ids" not in inputs:
                raise ValueError(
                    f"{self.name}: the inputs must hold 'input_ids'; accepted: {', '.join(self.accepted)}; "
                    f"got {', '.join(map(str, inputs)) or 'no names'}."
                )
            inputs = {name: _array(inputs[name], name) for name in self.accepted if name in inputs}
        else:
            inputs = {"input_ids": _array(inputs, "inputs")}
        if isinstance(inputs["input_ids"], np.ndarray):
            check_ids("input_ids", inputs["input_ids"], self.settings)
        return super().__call__(inputs, *args, **kwargs)

    def _special_tokens(self):
        named = {name: getattr(self.config, name, None) for name in SPECIAL_TOKENS}
        return {name: token for name, token in named.items() if token is not None}

    def answer(self, output, return_attention):
        """A :class:`ModelOutput` with logits in float32, or the one tensor that Keras' training wants.

        The logits' differences decide, and half precision has three digits: loss and probabilities want more.
        """
        if output.logits is not None:
            output = output._replace(logits=ops.cast(output.logits, "float32"))
        if self.one_tensor and not return_attention:
            return output.last_hidden_state if output.logits is None else output.logits
        return output

    def seed(self, seed):
        """Draw random weights, for a training from scratch; see :func:`ktlearn.seeding.seed_weights`."""
        seed_weights(self, seed, stddev=self.config.initializer_range)

    def groups(self):
        """The model's layers from the input to the output, as lists of those that belong together."""
        raise NotImplementedError

    def key_map(self):
        """The tensors of this model in a checkpoint: a list of :class:`ktlearn.models.keymap.Entry`."""
        return keymap.entries(self)

    def load_tensors(self, tensors, source, **options):
        """Fill the model with published tensors; see :func:`ktlearn.models.keymap.pour`, also for the options."""
        self.loading = keymap.pour(self, tensors, source, **options)

    def get_config(self):
        """What makes an equal model again: with it, Keras' own ways to save, load and copy a model work."""
        config = json.loads(self.config.to_json_string(use_diff=False))
        unit = {"unit": list(self.head.unit)} if self.task == "classification" else {}
        written = {"generation_config": dict(self.generation_config)} if self.generation_config is not None else {}
        return {"config": config, "task": self.task, "dtype": self.dtype_policy.name} | unit | written

    @classmethod
    def from_config(cls, config):
        """The model of :meth:`get_config`, with random weights; Keras then fills it.

        Raises:
            ValueError: there can be no such model.
        """
        values = checkpoint.config_of(config["config"], "the saved model's config")
        before = keras.config.dtype_policy()
        keras.config.set_dtype_policy(config["dtype"])
        try:
            model = cls(families.of(values), values, config["task"])
        finally:
            keras.config.set_dtype_policy(before)
        if "generation_config" in config:
            model.generation_config = dict(config["generation_config"])
        if "unit" in config:
            model.head.unit = tuple(config["unit"])
        return model

    def save(self, filepath, *args, **kwargs):
        """Write the model as Keras does, into a ``.keras`` file; ``import ktlearn.models`` before it is loaded.

        Args:
            filepath, *args, **kwargs: as in Keras.

        Raises:
            ValueError: a format that Keras could not read again.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                f"The old format of {str(filepath)!r} cannot hold this model. Give it a name that ends with .keras, or "
                "use model.save_pretrained(folder) or predictor.save(folder)."
            )
        super().save(filepath, *args, **kwargs)

    def export(self, filepath, format="tf_saved_model", verbose=None, input_signature=None, **kwargs):
        """Write a SavedModel for TensorFlow Serving: ``serve({"input_ids": …, "attention_mask": …})`` gives logits.

        Args:
            filepath: the folder.
            format: "tf_saved_model".
            verbose, **kwargs: as in Keras.
            input_signature: None for the usual inputs, int32 ``(B, L)`` with any B and L.

        Raises:
            ValueError: another format.
        """
        if format != "tf_saved_model":
            raise ValueError(
                f"export writes 'tf_saved_model'; got format={format!r}. For ONNX use "
                "predictor.export_model_to_onnx(…), for Python predictor.save(…) or model.save_pretrained(…)."
            )
        if input_signature is None:
            names = [name for name in self.accepted if name != "inputs_embeds"]
            if self.settings.segments < 2:
                names = [name for name in names if name != "token_type_ids"]
            input_signature = [{name: keras.InputSpec(shape=(None, None), dtype="int32", name=name) for name in names}]
        super().export(filepath, format=format, verbose=verbose, input_signature=input_signature, **kwargs)

    def save_pretrained(self, folder):
        """Write ``config.json`` and ``model.safetensors`` in Hugging Face's layout, atomically.

        PyTorch transformers opens the folder and computes the same logits. The tokenizer is not
        part of the model: save it beside with ``tokenizer.save_pretrained(folder)``.
        """
        checkpoint.save(self, folder)

    def load_pretrained(self, folder):
        """Take the weights of a folder that :meth:`save_pretrained` wrote, in place.

        Raises:
            ValueError: a tensor is missing or has another shape; this model is then unchanged.
        """
        self.load_tensors(checkpoint.read_tensors(hub.find(folder)), str(folder), whole=True)


def check_ids(name, ids, settings):
    """Are all token ids those of a model's vocabulary? On a GPU, TensorFlow reads zeros for any other in silence.

    Raises:
        ValueError, TypeError: one is not, or is no number.
    """
    ids = as_numbers(name, ids)
    wrong = ids[(ids < 0) | (ids >= settings.vocab_size)]
    if wrong.size:
        raise ValueError(
            f"{name}: there is no token {wrong[0]}; the model's ids go from 0 to {settings.vocab_size - 1}."
        )


def _array(value, name):
    """A tokenizer's lists as an array; what is an array or a tensor already stays as it is."""
    if not isinstance(value, (list, tuple)):
        if not hasattr(value, "shape"):
            raise TypeError(f"{name} must be token ids (B, L), or what a tokenizer answers; got {value!r:.80}.")
        return value
    try:
        array = np.array(value, "int32")
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{name}: lists must hold whole numbers and have one length; tokenizer(texts, padding=True) pads the "
            f"shorter ones. ({error})"
        ) from error
    if array.ndim != 2:
        raise ValueError(
            f"{name} must be one list for each text, (B, L); got the shape {array.shape}. For one text: [text]."
        )
    return array
