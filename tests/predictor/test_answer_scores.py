import pytest

from ktlearn.predictor.answer_scores import exact_match, f1, normalized


def test_capitals_articles_punctuation_and_spaces_do_not_count():
    assert normalized("  The U.S.A.,\n an  Example! ") == "usa example"
    assert normalized("a theatre in Athens") == "theatre in athens"  # "the" and "a" inside words stay
    assert exact_match("24–10", "24–10") == exact_match("Denver Broncos.", "the Denver Broncos") == 1


@pytest.mark.parametrize(
    ("found", "right", "score"),
    [
        ("Denver Broncos", "Denver Broncos", 1.0),
        ("the team Denver Broncos", "Denver Broncos", 0.8),  # precision 2/3, recall 1
        ("Broncos", "Denver Broncos", 2 / 3),
        ("Carolina Panthers", "Denver Broncos", 0.0),
        ("no no no", "no", 0.5),  # a word counts as often as both have it
        ("", "Denver Broncos", 0.0),
        ("Denver Broncos", "", 0.0),
        ("", "", 1.0),
        ("the", "", 1.0),  # nothing is left of it, as in SQuAD's own program
    ],
)
def test_f1_is_of_the_words(found, right, score):
    assert f1(found, right) == pytest.approx(score)
