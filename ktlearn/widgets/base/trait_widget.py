"""What the small widgets share: each is its traits, in Python, in the browser and frozen."""

import traitlets

from ktlearn.support.arguments import as_names
from ktlearn.support.characters import whole
from ktlearn.widgets.base.colours import COLOURS
from ktlearn.widgets.base.freezable import FreezableWidget


class TraitWidget(FreezableWidget):
    """A widget whose traits are all there is of it. A subclass gives ``_words``, what the page says, too."""

    _design = traitlets.Dict().tag(sync=True)

    def __init__(self, **state):
        synced = self.class_traits(sync=True).items()  # before anywidget adds its own to the instance
        drawn = [name for name, trait in synced if issubclass(trait.this_class, TraitWidget) and name != "_design"]
        super().__init__(_design={"colours": COLOURS, "words": self._words, "traits": drawn}, **state)

    def _to_freeze(self, most):
        state = {name: rounded(getattr(self, name)) for name in [*self._design["traits"], "_design"]}
        return {"state": state, "numbers": {}, "vectors": {}, "links": []}


def rounded(value):
    """Decimals to four digits: enough to show, and a test can compare them with tolerance."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, (list, tuple)):
        return [rounded(each) for each in value]
    return value


def checked_names(tokens, count, what):
    """A list of ``count`` strings; None for any number.

    Raises:
        ValueError, TypeError: there are more or fewer, or one is no string; it names the argument, ``what``.

    >>> checked_names(("she", "won"), 2, "tokens")
    ['she', 'won']
    """
    as_names(what, tokens)
    tokens = list(tokens)
    count = len(tokens) if count is None else count
    if len(tokens) != count or not all(isinstance(token, str) for token in tokens):
        raise ValueError(f"{what}: give {count} strings, one for each; got {tokens!r:.80}.")
    return [whole(token) for token in tokens]
