"""What counts as nothing in a column."""

import numpy as np
import pandas as pd

from ktlearn.project.missing import missing


def test_nothing_is_nothing_however_it_is_written():
    column = pd.Series(["food", "", " \t", None, float("nan"), pd.NA, pd.NaT, "nan", "None", 0, False])
    assert missing(column).tolist() == [False] + [True] * 6 + [False] * 4
    assert missing(pd.Series([1.0, np.nan])).tolist() == [False, True]
    assert missing(pd.Series([1, None], dtype="Int64")).tolist() == [False, True]


def test_pairs_of_texts_are_something():
    assert missing([("a question", "an answer")]).tolist() == [False]
