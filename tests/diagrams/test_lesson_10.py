"""The diagrams of lesson 10 say what a translator and its search do."""

import re

from ktlearn.diagrams.lesson_10 import STEPS, beams, translator


def test_the_diagram_names_the_shapes_on_the_way_from_text_to_text():
    data = translator().data
    for shape in ("(V, D)", "(S, D)", "memory (S, D)", "(T, D)", "(T, V)"):
        assert shape in data


def test_every_box_of_the_search_follows_from_a_kept_one():
    """A text is less probable than its beginning; K = 2 grow, and only what is among the best two is put aside."""
    log_p = {None: 0.0}
    for step in STEPS:
        order = [value for _, _, value in step]
        assert order == sorted(order, reverse=True)
        growing = [row for row in step if row[1] != "end"]
        assert all(value < log_p[parent] for parent, _, value in step)
        assert all(piece != "end" for _, piece, _ in step[2:])
        log_p = {f"{parent} {piece}" if parent else piece: value for parent, piece, value in growing[:2]}


def test_what_is_lost_and_put_aside_is_named():
    data = beams().data
    assert len(re.findall(r">lost<", data)) == 3
    assert len(re.findall(r">put aside<", data)) == 3
