"""The diagrams of lesson 11 say what they are given."""

import re

import numpy as np
import pytest

from ktlearn.diagrams.lesson_11 import sentence_graph, text_to_text

ALIKE = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0], [0.0, 2.0, 0.0]])


def test_a_graph_has_a_line_where_two_share_words_and_each_score():
    data = sentence_graph(ALIKE, [0.2, 0.5, 0.3], marked=[1]).data
    assert len(re.findall("<polyline|<path", data)) == 2
    assert re.findall(r">(0\.\d\d)<", data) == ["0.20", "0.50", "0.30"]


def test_a_sentence_that_shares_nothing_has_no_line():
    assert not re.findall("<polyline|<path", sentence_graph(np.zeros((3, 3)), [1 / 3] * 3).data)


def test_a_table_of_another_size_is_refused():
    with pytest.raises(ValueError, match=r"2 sentences need a table of that size; got \(3, 3\)"):
        sentence_graph(ALIKE, [0.5, 0.5])


def test_each_task_is_named_by_a_prefix():
    data = text_to_text().data
    for prefix in ("summarize:", "translate English to German:", "sst2 sentence:"):
        assert prefix in data
