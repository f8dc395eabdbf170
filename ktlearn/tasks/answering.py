"""Answers: the words of a text, or of one of several documents, that answer a question; or that there are none."""

from dataclasses import dataclass

from ktlearn.predictor.passage_reader import LONGEST, PassageReader
from ktlearn.support.arguments import check_number, check_whole
from ktlearn.support.bars import work_bar
from ktlearn.tasks.maps import maps_of
from ktlearn.tasks.opened import opened
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.retrieval import most_alike
from ktlearn.tasks.texts import given_texts

MARGINS = 1000  # logits: no margin is larger
AT_ONCE = 64  # questions between two steps of the bar


@dataclass(frozen=True, repr=False)
class Answer(Result):
    """What a reader finds for a question.

    Args:
        question: the question.
        text: the answer, in the words of its document; empty where the reader says that there is none.
        score: the probability of this start and this end, among all of the window in which they stand; of "no answer"
            where that is what is said.
        margin: by how much the best span's logits are above those of "no answer". Whether it is enough is decided by
            the ``margin`` of :func:`answer`.
        start, end: the characters of the document that are the answer; -1 for none.
        document: the number of that document, from 0; of the one that came nearest where there is no answer.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> Answer("Who?", "Ann", 0.5, 3.0, 0, 3, 0)
    Answer(question='Who?', text='Ann', score=0.5, margin=3, start=0, end=3, document=0)
    """

    question: str
    text: str
    score: float
    margin: float
    start: int
    end: int
    document: int


def answer(model, question, text, margin=None, longest=LONGEST, most=3, batch_size=16, verbose=1):
    """Find the words of a text that answer a question.

    A text longer than the model reads is read in windows that overlap, so none of it is left out. Of several documents
    those most like the question are read, by TF-IDF (:mod:`ktlearn.tasks.retrieval`).

    Args:
        model: a checkpoint for questions about texts, such as ``"ktlearn/passage-reader-en"``: a name on the hub, a
            folder, a bundled model; or what ``open_model`` answers.
        question: one question, or a list of questions.
        text: one text, or a list of documents, in which each question is looked for.
        margin: by how much, in logits, an answer must be worth more than "no answer"; the higher, the oftener it says
            that there is none. 0 is usual for a checkpoint trained on SQuAD 2.0. None is what the checkpoint's config
            says; where it says nothing, there is always an answer.
        longest: tokens of an answer at most.
        most: how many of the documents are read for a question.
        batch_size: windows at once.
        verbose: 0 for no bar; there is one on work of some seconds.

    Returns:
        An :class:`Answer`; for a list of questions :class:`ktlearn.tasks.results.Results`, in its order.

    Raises:
        ValueError, TypeError: no question or text, or a blank one; a question longer than a window; a number that is
            none; or a model for other tasks.

    >>> from ktlearn import tasks
    >>> text = "The bridge was built by Maria Keller in 1887. It was closed for repairs in 1954."
    >>> model = tasks.open_model("ktlearn/passage-reader-en", "answer")
    >>> found = tasks.answer(model, "Who built the bridge?", text)
    >>> found.text, text[found.start : found.end]
    ('Maria Keller', 'Maria Keller')
    >>> tasks.answer(model, "What does a ticket cost?", text).text
    ''
    """
    questions, alone = given_texts(question, "question")
    documents, _ = given_texts(text, "text")
    for name, count in (("longest", longest), ("most", most), ("batch_size", batch_size)):
        check_whole(name, count)
    if margin is not None:
        check_number("margin", margin, -MARGINS, MARGINS, 0)
    opened_model = opened(model, "answer")
    reader = PassageReader(opened_model.model, opened_model.tokenizer)
    least = reader.least_margin if margin is None else margin
    found = Results()
    with work_bar(len(questions), "reading", verbose) as bar:
        for start in range(0, len(questions), AT_ONCE):
            some = questions[start : start + AT_ONCE]
            found += _answers(reader, some, documents, least, longest, most, batch_size)
            bar.update(len(some))
    return found[0] if alone else found


def _answers(reader, questions, documents, least, longest, most, batch_size):
    """An :class:`Answer` for each question."""
    chosen = [[0]] * len(questions) if len(documents) == 1 else most_alike(questions, documents, most)
    asked = [question for question, numbers in zip(questions, chosen, strict=True) for _ in numbers]
    passages = [documents[number] for numbers in chosen for number in numbers]
    spans = iter(reader.read(asked, passages, longest, batch_size))
    for question, numbers in zip(questions, chosen, strict=True):
        # Sums of logits are of one window; what two documents have in common is how they compare with "no answer".
        number, span = max(((number, next(spans)) for number in numbers), key=lambda pair: pair[1].margin)
        document = documents[number]
        read = maps_of(reader.model, reader.tokenizer, question, reader.maxlen, document[slice(*span.window)])
        if least is not None and span.margin < least:
            yield Answer(question, "", span.no_probability, span.margin, -1, -1, number, read=read)
        else:
            words = document[span.start : span.end]
            yield Answer(question, words, span.probability, span.margin, span.start, span.end, number, read=read)
