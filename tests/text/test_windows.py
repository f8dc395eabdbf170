import itertools

import numpy as np
import pytest

from ktlearn.data import load_passages
from ktlearn.text.tokenizer import tokenizer_of
from ktlearn.text.windows import positions, windows

PASSAGE = "Ann met Bob, then Dan."


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizer_of("ktlearn/minilm-en")


def parts(cut, passage):
    return [passage[rows[rows[:, 0] >= 0][0, 0] : rows[:, 1].max()] for rows in cut.spans]


def test_a_short_passage_is_one_window(tokenizer):
    cut = windows(tokenizer, ["Who?"], [PASSAGE], maxlen=32, overlap=8)
    assert parts(cut, PASSAGE) == [PASSAGE]
    ids = tokenizer("Who?", PASSAGE)["input_ids"]
    assert cut.tokens.ids(0).tolist() == ids


def test_the_windows_of_a_long_passage_leave_out_nothing_and_overlap(tokenizer):
    passage = load_passages("train")["context"][0]
    cut = windows(tokenizer, ["Who was it?"], [passage], maxlen=40, overlap=10)
    rows = [spans[spans[:, 0] >= 0] for spans in cut.spans]
    whole = np.array(tokenizer(passage, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"])
    for before, after in itertools.pairwise(rows):
        assert before[-10:].tolist() == after[:10].tolist()
    joined = [rows[0], *(row[10:] for row in rows[1:])]
    assert np.concatenate(joined).tolist() == whole.tolist()
    assert cut.tokens.lengths.max() == 40


def test_each_window_knows_its_question(tokenizer):
    cut = windows(tokenizer, ["Who?", "When did they meet?"], [PASSAGE * 3, PASSAGE], maxlen=16, overlap=3)
    assert cut.pairs.tolist() == sorted(cut.pairs.tolist()) and set(cut.pairs) == {0, 1}


def test_characters_are_those_of_the_original_text(tokenizer):
    passage = "A naïve  CAFÉ\nin Zürich's old town."
    cut = windows(tokenizer, ["Where?"], [passage], maxlen=40, overlap=8)
    words = [passage[start:end] for start, end in cut.spans[0] if start >= 0]
    assert "".join(words) == "".join(passage.split())
    assert words[2] == "CAFÉ"[: len(words[2])]


def test_positions_are_the_tokens_of_the_answers_of_all_passages(tokenizer):
    frame = load_passages("train")
    cut = windows(tokenizer, frame["question"].tolist(), frame["context"].tolist(), maxlen=512, overlap=64)
    starts = frame["answer_start"].to_numpy()
    found = positions(cut, starts, starts + frame["answer"].str.len().to_numpy())
    for number, (first, last) in enumerate(found):
        row = frame.iloc[cut.pairs[number]]
        spans = cut.spans[number]
        text = row["context"][spans[first, 0] : spans[last, 1]] if first else ""
        assert text == row["answer"]


def test_a_window_in_which_the_answer_is_cut_has_none(tokenizer):
    cut = windows(tokenizer, ["Who?"], [PASSAGE], maxlen=9, overlap=2)
    assert parts(cut, PASSAGE) == ["Ann met Bob,", "Bob, then Dan", "then Dan."]
    start = PASSAGE.index("met Bob")
    assert positions(cut, [start], [start + len("met Bob")]).tolist() == [[5, 6], [0, 0], [0, 0]]
    assert positions(cut, [-1], [-1]).tolist() == [[0, 0]] * 3


def test_a_question_longer_than_its_window_is_named(tokenizer):
    with pytest.raises(
        ValueError, match="'Who was it who met Bob.* has 9 tokens.* leaves 4 of 16 .*Ask in fewer words"
    ):
        windows(tokenizer, ["Who was it who met Bob in town?"], [PASSAGE], maxlen=16, overlap=4)
