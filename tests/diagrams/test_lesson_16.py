"""The diagrams of lesson 16 name what they show."""

from ktlearn.diagrams.lesson_16 import project_way, what_stands_on_what


def test_the_way_of_a_project_has_its_stations():
    data = project_way().data
    for station in ("your file", "train", "validation", "test", "sealed", "model card", "ONNX", "a service"):
        assert station in data
    assert "the named one" in data and "one of them" not in data


def test_four_ways_to_train_from_the_easiest_to_the_freest():
    data = what_stands_on_what().data
    places = [data.index(name) for name in ("learner.", "model.fit", "GradientTape", "keras.ops")]
    assert places == sorted(places)
