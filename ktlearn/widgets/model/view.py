"""ModelView: a model's own picture, with a text on its way through it."""

import json
import re

import numpy as np
import traitlets

from ktlearn.support.characters import whole
from ktlearn.widgets.base.finite import Finite
from ktlearn.widgets.base.still import Still
from ktlearn.widgets.base.trait_widget import TraitWidget
from ktlearn.widgets.model import description, frozen_model, machine, packing, picture
from ktlearn.widgets.model.words import WORDS

KEPT_ANSWERS = 12


class ModelView(TraitWidget):
    """A model, drawn from its own layers as figure 1 of "Attention Is All You Need" is; each block opens.

    Args:
        model: a model of ``ktlearn.models``, a :class:`ktlearn.seq2seq.Transformer`, a stack or one layer of
            ``ktlearn.transformer``, a list of layers, or a Keras model of your own.
        mark: what to mark: kinds of blocks, as "attention", "feed_forward", "norm", "embedding"; "encoder" and
            "decoder"; or paths. All else is pale then.
        **state: any of the traits below.

    The state is traits: readable, settable, observable.

    - ``selection``: the path of the open block, as Python writes it, ``"encoder.layers[3].attention"``; "" where
      nothing is open. ``selected`` is the layer itself;
    - ``layer``, ``head``: which of equal layers and which head is shown;
    - ``token``, ``target``: the token whose vectors are shown, of the first tower and of the decoder beside it;
    - ``temperature``, ``top_k``: for the most probable tokens; ``top_k=0`` takes all;
    - ``counts``: True shows parameters and multiply-adds; ``mark``: see above;
    - ``text``, ``pair``: what stands in the text boxes, None without them.

    Raises:
        TypeError: it is no model, or has no layers.
        traitlets.TraitError: a state that the model does not have.

    >>> from ktlearn.transformer import EncoderLayer
    >>> view = ModelView([EncoderLayer(8, 2, 16), EncoderLayer(8, 2, 16)], selection="[1].attention")
    >>> view
    <ModelView: stack of 2 layers, 1,200 parameters>
    >>> view.selected.num_heads
    2
    """

    _script = "model/view.js"
    _words = WORDS

    selection = traitlets.Unicode("").tag(sync=True)
    layer = traitlets.Int(0, min=0).tag(sync=True)
    head = traitlets.Int(0, min=0).tag(sync=True)
    token = traitlets.Int(0, min=0).tag(sync=True)
    target = traitlets.Int(0, min=0).tag(sync=True)
    temperature = Finite(1.0, min=0.1, max=2.0).tag(sync=True)
    top_k = traitlets.Int(0, min=0, max=packing.MOST_TOKENS_NAMED).tag(sync=True)
    counts = traitlets.Bool(False).tag(sync=True)
    mark = traitlets.List(traitlets.Unicode()).tag(sync=True)
    text = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    pair = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    # Between Python and the browser only.
    _scene = traitlets.Dict().tag(sync=True)
    _marked = traitlets.List().tag(sync=True)
    _insides = traitlets.Dict().tag(sync=True)
    _groups = traitlets.List().tag(sync=True)
    _blocks = traitlets.Dict().tag(sync=True)
    _tokens = traitlets.Dict().tag(sync=True)
    _sizes = traitlets.Dict().tag(sync=True)
    _table = traitlets.Dict().tag(sync=True)
    _masks = traitlets.Dict().tag(sync=True)
    _top = traitlets.Dict().tag(sync=True)
    _data = traitlets.Bytes().tag(sync=True)
    _facts = traitlets.Dict().tag(sync=True)
    _answers = traitlets.Dict().tag(sync=True)
    _wanted = traitlets.List().tag(sync=True)
    _status = traitlets.Unicode().tag(sync=True)

    def __init__(self, model, *, mark=(), **state):
        from ktlearn.widgets.model.structure import read

        self.structure = read(model)
        self._passage, self._vocabulary, self._reader, self._shown_text = None, None, None, None
        drawn, groups = machine.draw(self.structure)
        self._ids = description.ids(self.structure, groups)
        described = {
            "_scene": drawn,
            "_groups": groups,
            "_insides": description.insides(self.structure, self._ids),
            "_sizes": self.structure.sizes,
            "_blocks": description.blocks(self.structure, self._ids, self.structure.sizes),
        }
        super().__init__(mark=[mark] if isinstance(mark, str) else list(mark), **described, **state)

    @classmethod
    def from_model(cls, model, tokenizer, text, pair=None, **state):
        """Look at a model while it reads a text. The view has a box to type another one.

        Args:
            model: a model of ``ktlearn.models``.
            tokenizer: from transformers, as ``text.Transformer(…).get_tokenizer()``.
            text, pair: strings; for an encoder–decoder ``pair`` is what the decoder reads.
            **state: traits, as ``layer=2``.

        Raises:
            TypeError, ValueError: no model, no texts, a text too long for the model.

        >>> from ktlearn import models, text
        >>> model = models.from_pretrained("ktlearn/mini-bert-en", task="masked-lm", verbose=0)
        >>> tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
        >>> view = ModelView.from_model(model, tokenizer, "She closed her [MASK].")
        >>> view.answers["encoder.layers[3].attention"].shape
        (7, 192)
        """
        from ktlearn.widgets.model.reading import read_text

        return cls(model, **state)._reading(
            lambda self, text, pair: read_text(self.structure, tokenizer, text, pair), text, pair, state
        )

    @classmethod
    def from_inputs(cls, model, inputs, tokens=None, target_tokens=None, vocabulary=None, **state):
        """Look at a model with inputs made already, a batch of one; :meth:`on_text` gives the view a text box.

        Args:
            inputs: a dict with ``input_ids`` and so on; for a list of layers vectors ``(1, L, D)``.
            tokens, target_tokens: the names of the tokens; None numbers them.
            vocabulary: the names of all tokens that may come out, a list; None numbers them.
            **state: traits.

        Raises:
            TypeError, ValueError: no model, a batch of several, other tokens than the inputs have.

        >>> from ktlearn.transformer import EncoderLayer
        >>> view = ModelView.from_inputs([EncoderLayer(8, 2, 16)], np.ones((1, 3, 8), "float32"), ["she", "won", "."])
        >>> view.answers["[0].feed_forward"].shape
        (3, 8)
        """
        from ktlearn.widgets.model.reading import read_inputs

        view = cls(model, **state)
        view._show(read_inputs(view.structure, inputs, tokens, target_tokens, vocabulary), state)
        return view

    def on_text(self, read):
        """Put a text box above the picture; ``read(text)`` is called with what is typed, and answers what to show.

        The answer are inputs as :meth:`from_inputs` takes them, or a tuple of them with the names of the tokens, and
        of the target's: ``(inputs, tokens, target_tokens)``. A model with two towers has two boxes:
        ``read(text, pair)``. The names of the vocabulary stay.

        >>> from ktlearn.transformer import EncoderLayer
        >>> view = ModelView([EncoderLayer(8, 2, 16)])
        >>> view.on_text(lambda text: (np.ones((1, len(text.split()), 8), "float32"), text.split()))
        >>> view.text = "she won"
        >>> view.answers["[0].attention"].shape
        (2, 8)
        """
        from ktlearn.widgets.model.reading import read_inputs

        def reader(self, text, pair):
            answer = read(text) if pair is None else read(text, pair)
            inputs, *tokens = answer if isinstance(answer, tuple) else (answer,)
            tokens, target_tokens = [*tokens, None, None][:2]
            return read_inputs(self.structure, inputs, tokens, target_tokens, self._vocabulary)

        self._reader = reader
        pair = (self.pair or "") if len(self.structure.towers) > 1 else None
        self._shown_text = (self.text or "", pair)
        with self.hold_trait_notifications():
            self.text, self.pair = self._shown_text

    @property
    def selected(self):
        """The layer that is open, the object itself; None where nothing is."""
        block = self.structure.find(self.selection)
        return None if block is None else block.layer if block.layer is not None else block.tied_to

    @property
    def answers(self):
        """What each block answered to the text: a dict, path → ``(L, D)``; empty without a text."""
        return {} if self._passage is None else self._passage.answers

    def diagram(self, mark=None):
        """The small still form, for a lesson: the whole machine with a part of it marked, as the last line of a cell.

        Args:
            mark: what to mark; None: what this view marks.

        >>> from ktlearn.transformer import EncoderLayer
        >>> "<svg" in ModelView([EncoderLayer(8, 2, 16)]).diagram("attention").data
        True
        """
        drawn, _ = machine.draw(self.structure, is_small=True)
        wanted = self.mark if mark is None else [mark] if isinstance(mark, str) else mark
        marked = f" Marked: {', '.join(wanted)}." if wanted else ""
        return Still(picture.draw(drawn, self._ids_of(wanted)), self._alt() + marked)

    def __repr__(self):
        names = " and ".join(tower.name for tower in self.structure.towers)
        layers = sum(block.kind == "layer" for tower in self.structure.towers for block in tower.blocks)
        count = description.total(self.structure)
        counted = "not built yet" if count is None else f"{count:,} parameters"
        return f"<ModelView: {names} of {layers} layer{'s' * (layers != 1)}, {counted}>"

    def _reading(self, read, text, pair, state):
        self._reader = read
        self._show(read(self, text, pair), state)
        self._shown_text = (whole(text), pair and whole(pair))
        with self.hold_trait_notifications():  # both at once: one alone would be read as another pair
            self.text, self.pair = self._shown_text
        return self

    def _show(self, reading, state=()):
        """Send a text through the model, and show what becomes of it."""
        from ktlearn.widgets.model.forward import forward

        passage, self._vocabulary = forward(self.structure, reading.inputs), reading.names
        described = description.of_passage(self.structure, self._ids, passage, reading)
        with self.hold_sync():
            self._passage = passage
            for name, value in described.items():
                if name not in state:
                    setattr(self, name, value)
            self._answers, self._wanted = {}, []

    def _ids_of(self, mark):
        """The ids of kinds, towers and paths."""
        return sorted(description.marked(self.structure, self._ids, mark))

    def _alt(self):
        parts = [f"{tower.name}: {', '.join(block.label for block in tower.blocks)}" for tower in self.structure.towers]
        return f"A model from bottom to top. {'. '.join(parts)}."

    def _sheet(self):
        return picture.draw(self._scene, self._marked)

    def _to_freeze(self, most):
        return frozen_model.to_freeze(self, most)

    @traitlets.validate("selection")
    def _check_selection(self, proposal):
        if proposal.value and self.structure.find(proposal.value) is None:
            some = ", ".join(repr(block.path) for block in list(self.structure.walk())[:5])
            raise traitlets.TraitError(f"selection: there is no block {proposal.value!r}. The first are {some}.")
        return proposal.value

    @traitlets.validate("mark")
    def _check_mark(self, proposal):
        for each in proposal.value:
            if not self._ids_of([each]):
                kinds = sorted({block.kind for block in self.structure.walk()})
                raise traitlets.TraitError(f"mark: nothing here is {each!r}. Kinds of this model: {', '.join(kinds)}.")
        return proposal.value

    @traitlets.validate("temperature")
    def _check_temperature(self, proposal):
        """In tenths: for these the weight of all other tokens is known."""
        return round(proposal.value, 1)

    @traitlets.observe("selection")
    def _follow(self, change):
        """The layer shown is that of the selection."""
        found = self._ids.get(change["new"])
        if found and found[1] is not None:
            self.layer = found[1]

    @traitlets.observe("layer")
    def _move(self, change):
        """The selection goes to the same block of the layer shown, where there is one."""
        key, number = self._ids.get(self.selection, ("", None))
        path = re.sub(r"#\d+", str(change["new"]), key)
        if number is not None and path in self._ids:
            self.selection = path

    @traitlets.observe("mark")
    def _paint(self, change):
        self._marked = self._ids_of(change["new"])

    @traitlets.observe("_wanted")
    def _answer(self, change):
        """Send the numbers of a head that the browser asks for, and keep the last few with it."""
        found = {question: self._numbers(*json.loads(question)[1:]) for question in change.new}
        answers = self._answers | {question: answer for question, answer in found.items() if answer}
        self._answers = dict(list(answers.items())[-KEPT_ANSWERS:])

    def _numbers(self, path, head):
        step = self._passage and self._passage.steps.get(path)
        is_there = step is not None and 0 <= head < np.shape(step.weights)[1]
        return packing.head_numbers(step, head) if is_there else None

    @traitlets.observe("text", "pair")
    def _read(self, change):
        """Run the model on the text in the box. What goes wrong is said in the view; the old picture stays."""
        asked = (self.text, self.pair)
        if self._reader is None or asked == self._shown_text:
            return
        self._shown_text, self._status = asked, "reading …"
        try:
            self._show(self._reader(self, *asked))
            self._status = ""
        except Exception as error:
            self._status = f"{type(error).__name__}: {error}"
