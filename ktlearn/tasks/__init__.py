"""What Transformers are used for: one call for each application.

    tasks.sentiment("a-folder-or-name", "A quiet film.").label
    tasks.answer("ktlearn/passage-reader-en", "Who built it?", "It was built by Maria Keller.").text
    tasks.fill_mask("ktlearn/mini-bert-en", "The film was very [MASK].").word

Each takes a model and texts. The model is a name, a folder, or, so that a loop does not open it again, what
``open_model(name, task)`` answers. One text gives one small frozen result, a list gives a list of them in its order;
see :mod:`ktlearn.tasks.results` for what all results can do.

A new task is

1. a line in ``opened.HEADS``: its name, and the heads that can do it;
2. a file that is called after the work (``judging.py`` is the shortest). In it stand the result, a frozen dataclass on
   :class:`~ktlearn.tasks.results.Result`, and the function, which
   looks at its texts before any work (``texts.given_texts``),
   gets its model (``opened.opened(model, "its name")``: an :class:`Opened`, with ``.model``, ``.tokenizer``,
   ``.maxlen``),
   says with numbers what is too long (``texts.say_too_long``), and in a field of the result what became of it,
   shows long work (``support.bars.work_bar``), and gives each result a ``read`` for its attention (``maps.py``);
3. a line here.
"""

from ktlearn.tasks.answering import Answer, answer
from ktlearn.tasks.comparing import Similar, similar
from ktlearn.tasks.filling import Filled, fill_mask
from ktlearn.tasks.judging import Sentiment, sentiment
from ktlearn.tasks.opened import Opened, open_model
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.summarising import Summary, summarise
from ktlearn.tasks.translating import Translation, translate
from ktlearn.tasks.writing import Written, write

__all__ = [
    "Answer",
    "Filled",
    "Opened",
    "Result",
    "Results",
    "Sentiment",
    "Similar",
    "Summary",
    "Translation",
    "Written",
    "answer",
    "fill_mask",
    "open_model",
    "sentiment",
    "similar",
    "summarise",
    "translate",
    "write",
]
