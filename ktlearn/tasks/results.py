"""What a task answers: a small frozen result for a text, a list of them for a list of texts.

Whatever the task, ``.data`` is plain data for a program, the ``repr`` is short, a notebook shows a table in which a
text is only a text, and ``.attention`` is what ``AttentionView`` takes.
"""

import dataclasses
import html
from collections.abc import Callable
from dataclasses import dataclass, field

from ktlearn.support.characters import visible

SHOWN = 20  # rows of a table in a notebook
CELL = "text-align: left; vertical-align: top; white-space: pre-wrap"


@dataclass(frozen=True, repr=False)
class Result:
    """One answer. A task's own result is a frozen dataclass of this kind: its fields are strings, numbers, flags, and
    lists and dictionaries of them.

    Args:
        read: a function without arguments that answers with the attention maps; it is called when they are asked for.

    >>> from ktlearn import tasks
    >>> result = tasks.fill_mask("ktlearn/mini-bert-en", "The film was very [MASK].", top=2)
    >>> list(result.data)
    ['text', 'word', 'score', 'words', 'is_cut']
    >>> from ktlearn.widgets import AttentionView
    >>> AttentionView(result.attention)
    <AttentionView: 4 layers, 6 heads, 8 queries, 8 keys>
    """

    read: Callable | None = field(default=None, kw_only=True, compare=False)

    @property
    def data(self):
        """The answer as a dictionary of plain data, ready for JSON and pandas."""
        fields = [each.name for each in dataclasses.fields(self) if each.name != "read"]
        return {name: _plain(getattr(self, name)) for name in fields}

    @property
    def attention(self):
        """The maps of the model while it read, and wrote, this text: ``AttentionView(result.attention)`` shows them.

        Raises:
            ValueError: the result was made without a model.
        """
        if self.read is None:
            raise ValueError("attention: this result does not know its model, so there are no maps.")
        return self.read()

    def __repr__(self):
        parts = (f"{name}={_short(value)}" for name, value in self.data.items())
        return f"{type(self).__name__}({', '.join(parts)})"

    def _repr_html_(self):
        rows = "".join(f"<tr>{_cell(name, 'th')}{_cell(_said(value))}</tr>" for name, value in self.data.items())
        return f"<table>{rows}</table>"


class Results(list):
    """The answers for a list of texts, in its order.

    >>> Results([Result(), Result()]).data
    [{}, {}]
    """

    @property
    def data(self):
        """A list of dictionaries, one for each text: ``pandas.DataFrame(results.data)`` is a table."""
        return [result.data for result in self]

    def __repr__(self):
        lines = [repr(result) for result in self[:SHOWN]]
        return "\n".join([*lines, *self._rest()])

    def _repr_html_(self):
        rows = [f"<tr>{''.join(_cell(name, 'th') for name in self[0].data)}</tr>"] if self else []
        rows += [
            f"<tr>{''.join(_cell(_said(value)) for value in result.data.values())}</tr>" for result in self[:SHOWN]
        ]
        return f"<table>{''.join(rows)}</table>{''.join(f'<p>{line}</p>' for line in self._rest())}"

    def _rest(self):
        return [f"… and {len(self) - SHOWN:,} more"] if len(self) > SHOWN else []


def _plain(value):
    if isinstance(value, Result):
        return value.data
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _short(value):
    """A value in a ``repr``: floats with three digits."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name!r}: {_short(each)}' for name, each in value.items())}}}"
    return f"[{', '.join(map(_short, value))}]" if isinstance(value, list) else repr(value)


def _said(value):
    """A value as a reader wants to see it in a table."""
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ("\n" if value and isinstance(value[0], (str, dict)) else ", ").join(map(_said, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else visible(str(value))


def _cell(text, tag="td"):
    return f'<{tag} style="{CELL}">{html.escape(str(text))}</{tag}>'
