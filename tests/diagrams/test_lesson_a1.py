"""The diagrams of lesson A1 hold the words and the numbers that the lesson speaks of."""

import re

import pytest

from ktlearn.diagrams import lesson_a1


def words(picture):
    return re.findall(r">([^<>\n]+)</text>", picture.data)


def test_the_loop_names_its_five_stations_and_what_is_changed():
    assert {"data", "model", "prediction", "loss", "gradient", "step", "new parameters"} <= set(words(
        lesson_a1.training_loop()
    ))  # fmt: skip


def test_values_go_there_and_slopes_come_back():
    found = words(lesson_a1.slopes_backward(w=1, x=-2, y=3))  # prediction −2, error −5
    big = [word for word in found if re.fullmatch(r"−?\d+", word)]
    assert big == ["1", "20", "−2", "−10", "−5", "−10", "25", "1"]
    assert {"× x = −2", "× 2 · error = −10"} <= set(found)


def test_an_epoch_has_a_smaller_last_batch_where_the_division_leaves_a_rest():
    picture = lesson_a1.epochs_and_batches(10, 4, epochs=2)
    widths = re.findall(r'width="([\d.]+)" height="30"', picture.data)
    assert [float(w) for w in widths] == 2 * [256, 256, 128]
    assert {"step 1", "step 3", "step 4", "step 6", "2 batches of 4, and one of 2"} <= set(words(picture))
    assert "2 batches of 4" in words(lesson_a1.epochs_and_batches(8, 4))


def test_no_examples_are_refused():
    with pytest.raises(ValueError, match="examples"):
        lesson_a1.epochs_and_batches(0, 4)
