"""Where sentences end, and where a full stop does not end one."""

import pytest

from ktlearn.data import load_reports
from ktlearn.text.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. It snowed.", ["It rained.", "It snowed."]),
        ("It cost 1.50 euros at 4.12 today.", ["It cost 1.50 euros at 4.12 today."]),
        ("Mr. Rao met Dr. Faber. They left.", ["Mr. Rao met Dr. Faber.", "They left."]),
        ("E. Aske won! Did she?", ["E. Aske won!", "Did she?"]),
        ('"Nobody complained." She left.', ['"Nobody complained."', "She left."]),
        ('She said: "Go." "Why?"', ['She said: "Go."', '"Why?"']),
        ("It was late. 20 people stayed.", ["It was late.", "20 people stayed."]),
        ("No end here", ["No end here"]),
        ("  ", []),
        ("", []),
    ],
)
def test_sentences(text, expected):
    assert sentences(text) == expected


def test_nothing_of_a_report_is_lost():
    for report in load_reports("test")["report"]:
        assert "".join(sentences(report)).replace(" ", "") == report.replace(" ", "")
