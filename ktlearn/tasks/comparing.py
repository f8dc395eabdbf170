"""Which texts mean about the same as a query: vectors of sentences, compared."""

from dataclasses import dataclass

from ktlearn.support.arguments import check_whole
from ktlearn.tasks.maps import maps_of
from ktlearn.tasks.opened import opened
from ktlearn.tasks.results import Result, Results
from ktlearn.tasks.texts import given_texts, say_too_long, tokens_in


@dataclass(frozen=True, repr=False)
class Similar(Result):
    """A text that was found.

    Args:
        text: the text.
        score: the cosine of the angle between its vector and the query's, at most 1.
        place: its number in the list of texts.
        is_cut: True when the end of the text was not read.
        read: see :class:`ktlearn.tasks.results.Result`.

    >>> Similar("A good movie.", 0.8, 3, False)
    Similar(text='A good movie.', score=0.8, place=3, is_cut=False)
    """

    text: str
    score: float
    place: int
    is_cut: bool


def similar(model, query, texts, top=5, batch_size=32, verbose=1):
    """The texts that are nearest to a query in meaning, the nearest first.

    Args:
        model: a checkpoint made for sentence vectors, such as ``"ktlearn/minilm-en"``: a name on the hub, a folder; or
            a :class:`ktlearn.SentenceEncoder`, which is not opened again. Any other encoder gives poor vectors.
        query: one text.
        texts: a list of texts to search in.
        top: how many are wanted.
        batch_size: texts at once.
        verbose: 0 for no bar; there is one from 500 texts on.

    Returns:
        :class:`ktlearn.tasks.results.Results` of :class:`Similar`. What is longer than the encoder reads is cut, with a
        warning. Each call reads all texts; to ask often, keep the vectors: ``SentenceEncoder.encode(texts) @ vector``.

    Raises:
        ValueError, TypeError: no query, no texts, a blank one, or a model that is no encoder.

    >>> from ktlearn import tasks
    >>> texts = ["The train was late again.", "A wonderful film.", "My soup is cold."]
    >>> [best] = tasks.similar("ktlearn/minilm-en", "I liked the movie.", texts, top=1)
    >>> best.text, best.place
    ('A wonderful film.', 1)
    """
    if not isinstance(query, str):
        raise TypeError(f"query must be one text; got {query!r:.80}.")
    [query], _ = given_texts(query, "query")
    texts, _ = given_texts([texts] if isinstance(texts, str) else texts)
    check_whole("top", top)
    encoder = opened(model, "similar")
    tokenizer, maxlen = encoder.preproc.get_tokenizer(), encoder.preproc.maxlen
    lengths = tokens_in(tokenizer, [*texts, query])
    *is_cut, _ = say_too_long(lengths, maxlen, "cut: the end is not read")
    *vectors, wanted = encoder.encode([*texts, query], batch_size=batch_size, verbose=verbose)
    scores = [float(vector @ wanted) for vector in vectors]
    best = sorted(range(len(texts)), key=lambda place: -scores[place])[:top]
    return Results(
        Similar(
            texts[place],
            scores[place],
            place,
            is_cut[place],
            read=maps_of(encoder.model, tokenizer, texts[place], maxlen),
        )
        for place in best
    )
