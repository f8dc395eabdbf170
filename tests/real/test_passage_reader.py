"""The public questions of the reader of passages: what is for the test was not learned from."""

from recipes.passage_reader_en import data
from tests.real import reader_card
from tests.real.data import FOLDER, needs_data


@needs_data
def test_no_paragraph_is_in_two_parts():
    parts = {part: set(data.xquad(FOLDER, part)["context"]) for part in ("train", "validation", "test")}
    parts["article"] = set(data.squad_article(FOLDER)["context"])
    for name, contexts in parts.items():
        others = set().union(*(other for part, other in parts.items() if part != name))
        assert contexts and not contexts & others


@needs_data
def test_at_least_a_quarter_of_xquad_is_for_the_test_and_none_of_it_of_the_squad_article():
    test = data.xquad(FOLDER, "test")
    assert len(test) >= 1190 / 4
    assert data.ARTICLE not in set(test["title"])


def test_the_card_has_the_measured_figures():
    assert f"{reader_card.BEGIN}\n{reader_card.table(reader_card.read())}\n" in reader_card.CARD.read_text(
        encoding="utf-8"
    )
