"""Which of several documents to read for a question: those whose rarer words it shares.

Source: Spärck Jones 1972, for words that count the more the fewer documents have them (TF-IDF); Chen et al. 2017,
"Reading Wikipedia to Answer Open-Domain Questions", arXiv:1704.00051, for retrieving before reading.
"""

import numpy as np

WORD = r"(?u)\b\w+\b"  # words of one letter, too: in a question about vitamin C it is what counts


def most_alike(questions, documents, most):
    """The numbers of the documents most like each question, the best one first.

    Args:
        questions, documents: texts.
        most: how many numbers; all where there are no more documents.

    >>> most_alike(["Who bakes the bread?"], ["Ann sings.", "The baker's bread is good.", "Bread, bread."], most=2)
    [[2, 1]]
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # a second to import, and for several documents only

    in_order = list(range(min(most, len(documents))))
    weights = TfidfVectorizer(token_pattern=WORD, sublinear_tf=True)
    try:
        rows = weights.fit_transform(documents)
    except ValueError:  # not a word in any of them, signs only
        return [in_order for _ in questions]
    likeness = (weights.transform(questions) @ rows.T).toarray()
    return np.argsort(-likeness, axis=1, kind="stable")[:, : len(in_order)].tolist()
