"""The bundled passages: what is in the file, what must not be in it, and how a lesson loads it."""

import json
import re
from collections import Counter, defaultdict

import pandas as pd
import pytest

from ktlearn.data import load_passages
from ktlearn.data.passages import COLUMNS, PARTS
from ktlearn.support.bundled import resource

LONGEST_SHARED_RUN = 7  # words that two passages may have in common, one after the other
OPENINGS = ("how many", "how much", "who", "why", "which", "when", "where", "what")


@pytest.fixture(scope="module")
def document():
    return json.loads((resource("data") / "passages_en.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def passages(document):
    """(title, part, context, questions) of each; one title holds one paragraph."""
    found = []
    for titled in document["data"]:
        (paragraph,) = titled["paragraphs"]
        found.append((titled["title"], titled["part"], paragraph["context"], paragraph["qas"]))
    return found


@pytest.fixture(scope="module")
def questions(passages):
    """(context, question) of each."""
    return [(context, asked) for _, _, context, qas in passages for asked in qas]


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def places(text, context):
    """Where it stands as whole words."""
    return [found.start() for found in re.finditer(rf"(?<!\w){re.escape(text)}(?!\w)", context)]


def test_at_least_60_passages_and_300_questions_a_third_of_them_without_an_answer(passages, questions):
    assert len(passages) >= 60
    assert len(questions) >= 300
    assert min(len(qas) for _, _, _, qas in passages) >= 5
    for part in (*PARTS, None):
        unanswered = [asked["is_impossible"] for _, its, _, qas in passages for asked in qas if part in (its, None)]
        assert sum(unanswered) / len(unanswered) == pytest.approx(1 / 3, abs=0.05), part
    assert all(any(asked["is_impossible"] for asked in qas) for _, _, _, qas in passages)


def test_the_layout_is_that_of_squad_2_with_the_part_beside_the_title(document, questions):
    assert document.keys() == {"version", "data"}
    for titled in document["data"]:
        assert titled.keys() == {"title", "part", "paragraphs"} and titled["part"] in PARTS
        assert all(paragraph.keys() == {"context", "qas"} for paragraph in titled["paragraphs"])
    for _, asked in questions:
        none = {"plausible_answers"} if asked["is_impossible"] else set()
        assert asked.keys() == {"id", "question", "answers", "is_impossible"} | none
        assert len(asked["answers"]) == (0 if asked["is_impossible"] else 1)


def test_the_file_is_written_as_it_says():
    raw = (resource("data") / "passages_en.json").read_bytes().decode()
    assert raw == json.dumps(json.loads(raw), indent=1, ensure_ascii=False) + "\n"


def test_every_answer_is_at_its_place_and_nowhere_else(questions):
    """Whole words, once: the first occurrence is the one that is meant, and no other could be."""
    for context, asked in questions:
        for answer in asked["answers"]:
            assert places(answer["text"], context) == [answer["answer_start"]], asked["id"]
            assert context.count(answer["text"]) == 1, asked["id"]
            assert 1 <= len(answer["text"].split()) <= 8, asked["id"]


def test_every_question_without_an_answer_has_a_tempting_one_in_its_passage(questions):
    for context, asked in questions:
        if asked["is_impossible"]:
            (tempting,) = asked["plausible_answers"]
            assert tempting["answer_start"] == places(tempting["text"], context)[0], asked["id"]


def test_ids_and_questions_and_titles_are_there_once(passages, questions):
    for once in (
        [asked["id"] for _, asked in questions],
        [" ".join(words(asked["question"])) for _, asked in questions],
        [title for title, *_ in passages],
        [context for _, _, context, _ in passages],
    ):
        assert max(Counter(once).values()) == 1
    for *_, qas in passages:
        (name,) = {asked["id"].rpartition("-")[0] for asked in qas}
        assert [asked["id"] for asked in qas] == [f"{name}-{number}" for number in range(1, len(qas) + 1)]


def test_no_two_passages_share_a_run_of_words(passages):
    """Over all pairs, so also between a training text and a test text: nothing comes from a template."""
    holders = defaultdict(set)
    for title, _, context, _ in passages:
        found = words(context)
        for i in range(len(found) - LONGEST_SHARED_RUN):
            holders[tuple(found[i : i + LONGEST_SHARED_RUN + 1])].add(title)
    assert [(run, titles) for run, titles in holders.items() if len(titles) > 1] == []
    openings = Counter(tuple(words(context)[:3]) for _, _, context, _ in passages)
    assert max(openings.values()) == 1


def test_a_question_cannot_be_seen_to_have_no_answer_by_its_opening(questions):
    """Were every "how much" without an answer, a reader could learn that instead of reading."""
    for opening in OPENINGS:
        unanswered = [
            asked["is_impossible"] for _, asked in questions if asked["question"].lower().startswith(f"{opening} ")
        ]
        assert len(unanswered) >= 10, opening
        assert 0.15 <= sum(unanswered) / len(unanswered) <= 0.55, opening


def test_few_questions_begin_alike(questions):
    openings = Counter(tuple(words(asked["question"])[:3]) for _, asked in questions)
    assert openings.most_common(1)[0][1] / len(questions) <= 0.05


def test_lengths_and_characters(passages, questions):
    for title, _, context, _ in passages:
        assert 90 <= len(context.split()) <= 160, title
    for _, asked in questions:
        assert 3 <= len(asked["question"].split()) <= 20, asked["id"]
        assert asked["question"].endswith("?"), asked["id"]
    for text in [text for title, _, context, _ in passages for text in (title, context)]:
        assert text == " ".join(text.split())
        assert all(" " <= character <= "~" for character in text), text


def test_a_part_is_a_frame_with_one_question_a_row():
    frame = load_passages("test")
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.index) == list(range(len(frame)))
    assert ((frame["answer"] == "") == (frame["answer_start"] == -1)).all()
    for row in frame[frame["answer"] != ""].itertuples():
        assert row.context[row.answer_start :].startswith(row.answer)


def test_the_parts_are_disjoint_and_together_everything(questions):
    frames = [load_passages(part) for part in PARTS]
    together = pd.concat(frames)
    assert sorted(together["id"]) == sorted(asked["id"] for _, asked in questions)
    for column in ("id", "title", "context", "question"):
        assert sum(frame[column].nunique() for frame in frames) == together[column].nunique()
    for frame, least in zip(frames, (40, 10, 14), strict=True):
        assert frame["title"].nunique() >= least


@pytest.mark.parametrize("part", ["valid", None, 5, ["train"]])
def test_an_unknown_part_is_named_with_what_is_accepted(part):
    with pytest.raises(ValueError, match="part: there is no .* in the passages.*'train', 'validation', 'test'"):
        load_passages(part)
