"""AttentionView: look at attention in a notebook."""

import json

import traitlets

from ktlearn.support.characters import whole
from ktlearn.widgets.attention import frozen_view, packing, picture
from ktlearn.widgets.attention.controls import MOST_FOR_LINES, SPECIAL, VIEWS, controls, fitting_views
from ktlearn.widgets.attention.maps import AttentionMaps
from ktlearn.widgets.attention.words import WORDS
from ktlearn.widgets.base.colours import COLOURS
from ktlearn.widgets.base.finite import Finite
from ktlearn.widgets.base.freezable import FreezableWidget

SPECIAL_TOKENS = ("[CLS]", "[SEP]", "[PAD]", "[MASK]", "<s>", "</s>", "<pad>", "<start>", "<end>", "<|endoftext|>")
MOST_WEIGHTS = 100_000_000
KEPT_ANSWERS = 6


def _cell():
    return traitlets.Tuple(
        traitlets.Int(allow_none=True), traitlets.Int(allow_none=True), allow_none=True, default_value=None
    )


class AttentionView(FreezableWidget):
    """Attention weights to look at, to touch and to keep. Works offline, with any number of views in a notebook.

    Args:
        attentions: weights ``(Q, K)``, ``(H, Q, K)``, ``(L, H, Q, K)`` or ``(snapshots, L, H, Q, K)``, or a list
            with an array for each layer, of any model; an :class:`AttentionMaps`; or a dict, name → AttentionMaps,
            for a model with several kinds of attention.
        tokens, key_tokens: the Q tokens that look and the K tokens looked at (None: the same).
        special_tokens: tokens that can be dimmed or removed.
        queries, keys, mask, signed, layers, heads_named, steps: see :class:`AttentionMaps`.
        **state: any of the traits below, such as ``view="lines"`` or ``layer=2``.

    The state is traits: readable, settable, observable, and usable with ``ipywidgets.link``.

    - ``view``: "heatmap", "lines", "grid", "strip" or "steps";
    - ``block``, ``step``, ``layer``, ``heads``: which maps; several heads show their mean;
    - ``pinned``, ``hover``: ``(query, key)`` as positions, either may be None; None: nothing;
    - ``threshold``: the share of each query's attention that is kept, strongest first;
    - ``special``: "show", "dim" or "remove" special tokens;
    - ``full_scale``: True when colours go up to 1, False when up to the largest weight shown;
    - ``zoom``: 1 is the normal size; ``text``, ``pair``: what stands in the text boxes, None without them.

    Raises:
        ValueError: shapes and tokens that do not fit; more than 100 million weights.
        traitlets.TraitError: a state that the maps do not have.

    >>> view = AttentionView([[0.9, 0.1], [0.5, 0.5]], ["she", "won"], pinned=(0, 0))
    >>> view
    <AttentionView: 1 layer, 1 head, 2 queries, 2 keys>
    >>> view.selection["weight"]
    0.9
    """

    _script = "attention/view.js"

    view = traitlets.Enum(VIEWS, "heatmap").tag(sync=True)
    block = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    layer = traitlets.Int(0).tag(sync=True)
    heads = traitlets.List(traitlets.Int(), [0]).tag(sync=True)
    pinned = _cell().tag(sync=True)
    hover = _cell().tag(sync=True)
    threshold = Finite(1.0, min=0.0, max=1.0).tag(sync=True)
    special = traitlets.Enum(SPECIAL, "show").tag(sync=True)
    full_scale = traitlets.Bool(True).tag(sync=True)
    zoom = Finite(1.0, min=0.25, max=16).tag(sync=True)
    text = traitlets.Unicode(None, allow_none=True).tag(sync=True)
    pair = traitlets.Unicode(None, allow_none=True).tag(sync=True)

    # Between Python and the browser only.
    _blocks = traitlets.List().tag(sync=True)
    _data = traitlets.Bytes().tag(sync=True)
    _answers = traitlets.Dict().tag(sync=True)
    _wanted = traitlets.List().tag(sync=True)
    _controls = traitlets.List().tag(sync=True)
    _special = traitlets.List().tag(sync=True)
    _notes = traitlets.List().tag(sync=True)
    _status = traitlets.Unicode().tag(sync=True)
    _design = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        attentions,
        tokens=None,
        key_tokens=None,
        *,
        special_tokens=SPECIAL_TOKENS,
        queries=None,
        keys=None,
        mask=None,
        signed=False,
        layers=None,
        heads_named=None,
        steps=None,
        **state,
    ):
        options = dict(
            queries=queries, keys=keys, mask=mask, signed=signed, layers=layers, heads=heads_named, steps=steps
        )
        self.blocks = _as_blocks(attentions, tokens, key_tokens, options)
        self._reader, self._shown_text, self.links = None, None, []
        longest = max(len(maps.key_tokens) for maps in self.blocks.values())
        state = {"block": next(iter(self.blocks)), "full_scale": longest <= 16} | state
        super().__init__(
            **state,
            **self._described(special_tokens),
            _design={"colours": COLOURS, "words": WORDS, "traits": DRAWN},
        )

    @classmethod
    def from_model(cls, model, tokenizer, text, pair=None, maxlen=None, **state):
        """Look at a model while it reads a text, or a pair of texts. The view has a box to type another one.

        Args:
            model: a model of ktlearn, or any that answers ``model(inputs, return_attention=True).attentions``.
            tokenizer: from transformers, as ``text.Transformer(…).get_tokenizer()``.
            text, pair: strings; for an encoder–decoder ``pair`` is what the decoder reads.
            maxlen: a longer text is cut to so many tokens, and the notes say so; None cuts nothing.
            **state: traits, as ``layer=2``.

        Raises:
            TypeError, ValueError: no texts, no attention weights, a text too long for the model.

        >>> from ktlearn import models, text
        >>> model = models.from_pretrained("ktlearn/mini-bert-en", verbose=0)
        >>> tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
        >>> AttentionView.from_model(model, tokenizer, "She won.", layer=3, heads=[2]).blocks["attention"].tokens
        ['[CLS]', 'she', 'won', '.', '[SEP]']
        """
        from ktlearn.widgets.attention.from_model import blocks_of_text

        def read(text, pair=None):
            return blocks_of_text(model, tokenizer, text, pair, maxlen)

        special = getattr(tokenizer, "all_special_tokens", SPECIAL_TOKENS)
        maps = read(text, pair)
        text, pair = whole(text), pair and whole(pair)
        view = cls(maps, special_tokens=special, text=text, pair=pair, **state)
        view._reader, view._shown_text = read, (text, pair)
        return view

    @classmethod
    def from_predictor(cls, predictor, text, pair=None, **state):
        """The same with the model, the tokenizer and the ``maxlen`` of a :class:`ktlearn.predictor.Predictor`."""
        preproc = predictor.preproc
        return cls.from_model(predictor.model, preproc.get_tokenizer(), text, pair, preproc.maxlen, **state)

    @classmethod
    def from_inputs(cls, model, inputs, tokens, target_tokens=None, **state):
        """Look at a model with inputs made already, a batch of one: token ids, or a dict of arrays.

        Args:
            tokens: the names of the input's tokens.
            target_tokens: of the decoder's, for an encoder–decoder.
        """
        from ktlearn.widgets.attention.from_model import blocks_of_inputs

        return cls(blocks_of_inputs(model, inputs, tokens, target_tokens), **state)

    def update(self, attentions, tokens=None, key_tokens=None, **options):
        """Show other weights in the same view; layer, heads and view stay. Without tokens the old ones stay.

        A training loop that calls this shows how attention is learned.

        Raises:
            ValueError: as when a view is made.
        """
        if tokens is None and not isinstance(attentions, (AttentionMaps, dict)):
            old = self._maps
            tokens, key_tokens = old.tokens, (None if old.tokens == old.key_tokens else old.key_tokens)
        self._show(_as_blocks(attentions, tokens, key_tokens, options))

    def on_text(self, read):
        """Put a text box above the map; ``read(text)`` is called with what is typed, and answers what to show.

        The answer is whatever ``AttentionView`` takes: AttentionMaps, a dict of them, or a pair (weights, tokens).

        >>> view = AttentionView([[1.0]], ["hello"])
        >>> view.on_text(lambda text: ([[1, 0], [0.5, 0.5]], text.split()))
        >>> view.text = "she won"
        >>> view.blocks["attention"].tokens
        ['she', 'won']
        """
        self._reader = lambda text, pair: read(text) if pair is None else read(text, pair)
        self._shown_text = (self.text or "", self.pair)
        self.text = self.text or ""

    def link(self, other, *traits):
        """From now on this view and the other one change together: layer, heads and step, or the traits named.

        Frozen copies of both on one page follow each other, too.
        """
        traits = traits or ("layer", "heads", "step")
        for trait in traits:
            traitlets.link((self, trait), (other, trait))
        for view, partner in ((self, other), (other, self)):
            view.links.append((partner, traits))

    def rollout(self, **state):
        """A new view: attention multiplied through the layers (see :meth:`AttentionMaps.rollout`)."""
        return AttentionView({"rollout": self._maps.rollout()}, special_tokens=self._special, **state)

    def minus(self, other, **state):
        """A new view: this one's weights minus the other's, of the blocks that both have.

        For two models, two sentences of as many tokens, or before and after training.

        Raises:
            ValueError, TypeError: the shapes differ, they have no block in common, or ``other`` is no view.

        >>> before, after = (AttentionView(weights, ["she", "won"]) for weights in ([[1, 0], [0, 1]], [[0, 1], [0, 1]]))
        >>> after.minus(before, pinned=(0, 1)).selection["weight"]
        1.0
        """
        if not isinstance(other, AttentionView):
            raise TypeError(f"minus: other must be an AttentionView; got {other!r:.80}.")
        both = [name for name in self.blocks if name in other.blocks]
        if not both:
            raise ValueError(f"minus: no block in common; got {list(self.blocks)} and {list(other.blocks)}.")
        blocks = {name: self.blocks[name].minus(other.blocks[name]) for name in both}
        return AttentionView(blocks, special_tokens=self._special, **state)

    @property
    def selection(self):
        """What is pinned: a dict with block, step, layer, heads, query, key, weight; None where nothing is."""
        query, key = self.pinned or (None, None)
        maps, weight = self._maps, None
        if query is not None and key is not None:
            weight = round(float(maps.weights[self.step, self.layer, self.heads, query, key].mean()), 6)
        return {
            "block": self.block,
            "step": self.step,
            "layer": self.layer,
            "heads": list(self.heads),
            "query": None if query is None else maps.tokens[query],
            "key": None if key is None else maps.key_tokens[key],
            "weight": weight,
        }

    @property
    def notes(self):
        """What is strange about the weights, in sentences; the view shows them too."""
        return list(self._notes)

    def __repr__(self):
        maps = self._maps
        T, L, H, Q, K = maps.weights.shape
        counts = [(T, "snapshot")] * (T > 1) + [(L, "layer"), (H, "head"), (Q, "query"), (K, "key")]
        words = [f"{n} {'queries' if word == 'query' else word + 's'}" if n != 1 else f"1 {word}" for n, word in counts]
        kinds = f"{', '.join(self.blocks)}: " if len(self.blocks) > 1 else ""
        return f"<AttentionView: {kinds}{', '.join(words)}>"

    def _to_freeze(self, most):
        return frozen_view.to_freeze(self, most)

    def _alt(self):
        return frozen_view.in_words(self)

    def _sheet(self):
        return picture.draw(self)

    @property
    def _maps(self):
        return self.blocks[self.block]

    def _described(self, special_tokens):
        """The traits that follow from the blocks."""
        described = packing.describe(self.blocks)
        tokens = {token for block in described for side in block["tokens"] for token in side}
        special = [token for token in special_tokens if token in tokens]
        problems = [(name, problem) for name, maps in self.blocks.items() for problem in maps.problems]
        return {
            "_blocks": described,
            "_data": packing.bytes_of(self.blocks),
            "_controls": controls(described, bool(special)),
            "_special": special,
            "_notes": [f"{name}: {each}" if len(self.blocks) > 1 else each for name, each in problems],
        }

    def _show(self, blocks):
        special = {*SPECIAL_TOKENS, *self._special}
        with self.hold_sync():
            self.blocks = blocks
            if self.block not in blocks:
                self.block = next(iter(blocks))
            for name, value in self._described(sorted(special)).items():
                setattr(self, name, value)
            self._answers, self._wanted = {}, []
            self._fit(None)

    @traitlets.observe("block")
    def _fit(self, change):
        """Bring layer, heads, snapshot and cells into what the block has."""
        if self.block not in self.blocks:
            return
        T, L, H, Q, K = self._maps.weights.shape
        self.step, self.layer = min(self.step, T - 1), min(self.layer, L - 1)
        self.heads = [head for head in self.heads if head < H] or [0]
        for name in ("pinned", "hover"):
            query, key = getattr(self, name) or (None, None)
            if (query or 0) >= Q or (key or 0) >= K:
                setattr(self, name, None)

    @traitlets.validate("block")
    def _check_block(self, proposal):
        if proposal.value not in self.blocks:
            raise traitlets.TraitError(f"block must be one of {list(self.blocks)}; got {proposal.value!r}.")
        return proposal.value

    @traitlets.validate("step", "layer")
    def _check_number(self, proposal):
        name = proposal.trait.name
        count = self._maps.weights.shape[name == "layer"]
        if not 0 <= proposal.value < count:
            raise traitlets.TraitError(f"{name} must be from 0 to {count - 1}; got {proposal.value}.")
        return proposal.value

    @traitlets.validate("heads")
    def _check_heads(self, proposal):
        H = self._maps.weights.shape[2]
        if not proposal.value or not all(0 <= head < H for head in proposal.value):
            raise traitlets.TraitError(
                f"heads must be a list of one or more numbers from 0 to {H - 1}; got {proposal.value}."
            )
        return sorted(set(proposal.value))

    @traitlets.validate("pinned", "hover")
    def _check_cell(self, proposal):
        sides = zip(("query", "key"), proposal.value or (), self._maps.weights.shape[3:], strict=False)
        for name, number, count in sides:
            if number is not None and not 0 <= number < count:
                raise traitlets.TraitError(
                    f"{proposal.trait.name}: the {name} must be from 0 to {count - 1}, or None; got {number}."
                )
        return proposal.value

    @traitlets.validate("view")
    def _check_view(self, proposal):
        fitting = fitting_views(packing.describe(self.blocks))
        if proposal.value == "lines" and "lines" not in fitting:
            raise traitlets.TraitError(
                f"view: lines show {MOST_FOR_LINES} tokens at most. Use 'strip', 'heatmap' or 'grid'."
            )
        return proposal.value

    @traitlets.observe("_wanted")
    def _answer(self, change):
        """Send the exact numbers that the browser asks for, and keep the last few with it."""
        answers = {question: packing.answer(self.blocks, json.loads(question)) for question in change.new}
        answers = self._answers | {question: answer for question, answer in answers.items() if answer is not None}
        self._answers = dict(list(answers.items())[-KEPT_ANSWERS:])

    @traitlets.observe("text", "pair")
    def _read(self, change):
        """Run the model on the text in the box. What goes wrong is said in the view; the old map stays."""
        asked = (self.text, self.pair)
        if self._reader is None or asked == self._shown_text:
            return
        self._shown_text = asked
        self._status = "reading …"
        try:
            answer = self._reader(*asked)
            self._show(_as_blocks(*answer) if isinstance(answer, tuple) else _as_blocks(answer))
            self._status = ""
        except Exception as error:
            self._status = f"{type(error).__name__}: {error}"


# The traits that a drawing in the browser reads.
DRAWN = [name for name, trait in AttentionView.class_traits(sync=True).items() if trait.this_class is AttentionView]


def _as_blocks(attentions, tokens=None, key_tokens=None, options=None):
    options = options or {}
    if isinstance(attentions, AttentionMaps):
        attentions = {"attention": attentions}
    if not isinstance(attentions, dict):
        if tokens is None:
            raise ValueError("tokens: give the list of tokens that the weights belong to; got None.")
        attentions = {"attention": AttentionMaps(attentions, tokens, key_tokens, **options)}
    elif tokens is not None or any(value is not None and value is not False for value in options.values()):
        raise ValueError("attentions: AttentionMaps hold their tokens and options themselves; give those to them.")
    size = sum(maps.weights.size for maps in attentions.values())
    if size > MOST_WEIGHTS:
        raise ValueError(
            f"attentions: {size:,} weights are more than a browser can take ({MOST_WEIGHTS:,}). "
            "Choose some layers, as [layers[-1]], or a shorter text."
        )
    return attentions
