"""The lines printed before training: a wrong order of the classes, or a rare one, can be seen."""

import numpy as np

from ktlearn.text.label_summary import label_lines
from ktlearn.text.labels import Labels

TEXTS = ["It was dull.", "I loved it.", "Loved it\nagain."]


def lines(y, class_names=(), texts=TEXTS, **options):
    labels = Labels(class_names, **options)
    return label_lines(labels, labels.fit(y, len(y)), texts)


def test_each_class_shows_its_number_its_count_and_a_first_text():
    assert lines([0, 1, 1], ["negative", "positive"]) == [
        '  0 negative 1  "It was dull."',
        '  1 positive 2  "I loved it."',
    ]


def test_swapped_class_names_can_be_seen():
    swapped = lines([0, 1, 1], ["positive", "negative"])
    assert swapped[0] == '  0 positive 1  "It was dull."'


def test_a_long_text_is_cut_and_a_pair_is_one_line():
    first, second = lines([0, 1], ["no", "yes"], ["word " * 100, ("a\nb", "c")])
    assert first.endswith('word…"') and len(first) < 80
    assert second.endswith('"a b | c"')


def test_a_strong_imbalance_is_said_with_the_classes_names():
    texts, y = ["a"] * 60, [0] * 50 + [1] * 10
    shown = lines(y, ["ham", "spam"], texts)
    assert "'ham' has 5 times the texts of 'spam'" in shown[-1] and "class_weight" in shown[-1]
    assert len(lines([0] * 49 + [1] * 11, ["ham", "spam"], texts)) == 2  # not yet strong


def test_many_classes_are_not_all_listed():
    y = list(range(12))
    shown = lines(y, [f"topic {i}" for i in y], ["a"] * 12)
    assert len(shown) == 11
    assert shown[-1] == "  … and 2 more classes"


def test_multilabel_counts_the_texts_of_each_and_those_without():
    shown = lines([[1, 1, 0], [0, 1, 1], [0, 0, 0]], ["sport", "money", "art"])
    assert [line.split()[:3] for line in shown[:3]] == [["0", "sport", "1"], ["1", "money", "2"], ["2", "art", "1"]]
    assert shown[3] == "  texts without any of them: 1"


def test_a_regression_shows_its_range():
    assert lines(np.array([1.0, 2.0, 4.5])) == ["numbers from 1 to 4.5, 2.5 on average"]


def test_names_that_differ_only_by_spaces_or_case_are_said():
    shown = lines(["boot", "boot ", "Boot", "shoe"], texts=["a"] * 4)
    assert shown[-1].startswith("  differ only by spaces or case: 'Boot', 'boot', 'boot '. If they are one class")
    assert len(lines(["boot", "shoe"], texts=["a"] * 2)) == 2


def test_cells_that_look_like_several_labels_are_said():
    for names in (["['art']", "['art', 'sport']"], ["art|sport", "money"], ["art", "art, sport"], ["[0, 1]", "[1, 0]"]):
        assert "looks like several labels in one cell" in lines(names, texts=["a"] * 2)[-1]
    for names in (["C", "C++"], ["Arts, Crafts", "Sport"], ["(unknown)", "known"]):
        assert len(lines(names, texts=["a"] * 2)) == 2
