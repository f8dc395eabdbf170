"""The bundled reports: what is in the file, what must not be in it, and how a lesson loads it."""

import json
import re
from collections import Counter, defaultdict
from itertools import combinations

import pandas as pd
import pytest

from ktlearn.data import load_reports
from ktlearn.data.reports import COLUMNS, PARTS
from ktlearn.support.bundled import resource

POINTS = ("first", "middle", "last", "spread")
LONGEST_SHARED_RUN = 7  # words that two reports may have in common, one after the other
LONGEST_COPY = 10  # words in a row that a summary may take from its report
SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
VALUES = {word: value for value, word in enumerate(SMALL.split())}
VALUES |= {word: 10 * value for value, word in enumerate(TENS.split(), 2)}
VALUES |= {"half": 0.5, "dozen": 12, "hundred": 100, "thousand": 1_000, "million": 1_000_000}
del VALUES["one"]  # too often a pronoun


@pytest.fixture(scope="module")
def reports():
    return json.loads((resource("data") / "reports_en.json").read_text(encoding="utf-8"))


def words(text):
    return re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))


def sentences(text):
    return re.split(r"(?<=[.!?])\"?\s+(?=[\"A-Z0-9])", text)


def runs(found, length):
    return {tuple(found[i : i + length]) for i in range(len(found) - length + 1)}


def numbers(text):
    """Their values, written in digits or in words."""
    digits = {float(found.replace(",", "")) for found in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}
    return digits | {float(VALUES[word]) for word in words(text) if word in VALUES}


def capitalised(text):
    """Each word with a capital, without the 's of the genitive."""
    return [word for word in re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", re.sub(r"'s?\b", "", text)) if word[0].isupper()]


def names(text):
    """The words with a capital that no sentence begins with."""
    return {word for sentence in sentences(text) for word in capitalised(re.sub(r"^\W*\S+", "", sentence))}


def overlap(summary, other):
    """ROUGE-1: the F1 of the words that two texts share."""
    ours, theirs = Counter(words(summary)), Counter(words(other))
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def test_at_least_400_reports_of_20_topics_with_one_layout(reports):
    assert len(reports) >= 400
    for report in reports:
        assert list(report) == ["id", "topic", "part", *COLUMNS[2:]], report["id"]
        assert report["part"] in PARTS and report["point"] in POINTS, report["id"]
    topics = Counter(report["topic"] for report in reports)
    assert len(topics) == 20 and min(topics.values()) >= 20


def test_the_file_is_written_as_it_says_one_report_a_line(reports):
    raw = (resource("data") / "reports_en.json").read_bytes().decode()
    assert raw == "[\n" + ",\n".join(json.dumps(report, ensure_ascii=False) for report in reports) + "\n]\n"


def test_each_topic_is_in_each_part_in_the_same_shares(reports):
    for topic in {report["topic"] for report in reports}:
        parts = Counter(report["part"] for report in reports if report["topic"] == topic)
        shares = [parts[part] / parts.total() for part in PARTS]
        assert shares == pytest.approx([0.70, 0.15, 0.15], abs=0.04), topic


def test_lengths_and_characters(reports):
    for report in reports:
        for field, least, most in (("report", 80, 150), ("summary", 20, 45), ("headline", 4, 11)):
            assert least <= len(report[field].split()) <= most, (report["id"], field)
        for text in report.values():
            assert text == " ".join(text.split()), report["id"]
            assert all(" " <= character <= "~" for character in text), report["id"]
        assert len(sentences(report["summary"])) == 2, report["id"]
        assert not report["headline"].endswith("."), report["id"]


def test_every_name_of_a_summary_or_headline_stands_in_the_report(reports):
    """Only what a capital shows: the first word of a sentence could be any word."""
    for report in reports:
        known = set(re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)*", re.sub(r"'s?\b", "", report["report"])))
        for field in ("summary", "headline"):
            assert names(report[field]) <= known, (report["id"], names(report[field]) - known)


def test_every_number_of_a_summary_or_headline_stands_in_the_report(reports):
    for report in reports:
        for field in ("summary", "headline"):
            added = numbers(report[field]) - numbers(report["report"])
            assert not added, (report["id"], field, added)


def test_numbers_and_names_are_found():
    assert numbers("Of 1,040 hens twelve, or 1.2 percent, and half a dozen ducks") == {1040, 12, 1.2, 0.5}
    assert names('Rain fell. "Nobody came," said Ann-Marie Pook of Fenby\'s choir.') == {"Ann-Marie", "Pook", "Fenby"}


def test_no_summary_copies_its_report(reports):
    for report in reports:
        summary, copied = words(report["summary"]), runs(words(report["report"]), LONGEST_COPY + 1)
        assert not runs(summary, LONGEST_COPY + 1) & copied, report["id"]
        for sentence in sentences(report["report"]):
            whole = words(sentence)
            assert len(whole) < 4 or tuple(whole) not in runs(summary, len(whole)), (report["id"], sentence)


def test_no_two_reports_share_a_run_of_words(reports):
    """Over all pairs, so also between a training text and a test text: nothing comes from a template."""
    for length, most in ((LONGEST_SHARED_RUN + 1, 1), (6, 3)):
        holders = defaultdict(set)
        for report in reports:
            for run in runs(words(report["report"]), length):
                holders[run].add(report["id"])
        assert [(run, ids) for run, ids in holders.items() if len(ids) > most] == []


def test_few_texts_begin_alike(reports):
    for field, most in (("report", 1), ("summary", 3), ("headline", 2)):
        openings = Counter(tuple(words(report[field])[:3]) for report in reports)
        assert openings.most_common(1)[0][1] <= most, field


def test_ids_and_texts_are_there_once(reports):
    for field in ("id", "headline", "report", "summary"):
        assert max(Counter(report[field] for report in reports).values()) == 1, field


def test_a_third_of_the_reports_begin_with_their_news(reports):
    share = {point: sum(report["point"] == point for report in reports) / len(reports) for point in POINTS}
    assert share["first"] == pytest.approx(1 / 3, abs=0.05)
    assert share["middle"] + share["last"] == pytest.approx(1 / 3, abs=0.1)
    assert share["spread"] == pytest.approx(1 / 3, abs=0.1)


def test_the_first_two_sentences_are_a_good_summary_only_where_the_news_stands_first(reports):
    """So that a model has something to learn beyond "take the beginning"."""
    lead, best = defaultdict(list), defaultdict(list)
    for report in reports:
        found = sentences(report["report"])
        lead[report["point"]].append(overlap(report["summary"], " ".join(found[:2])))
        best[report["point"]].append(max(overlap(report["summary"], " ".join(two)) for two in combinations(found, 2)))
    lead = {point: sum(found) / len(found) for point, found in lead.items()}
    best = {point: sum(found) / len(found) for point, found in best.items()}
    assert lead["first"] > max(lead["middle"], lead["last"], lead["spread"]) + 0.05
    assert all(best[point] > lead[point] + 0.03 for point in POINTS)


def test_a_part_is_a_frame_with_one_report_a_row():
    frame = load_reports("test")
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.index) == list(range(len(frame)))


def test_the_parts_are_disjoint_and_together_everything(reports):
    frames = [load_reports(part) for part in PARTS]
    assert sorted(pd.concat(frames)["id"]) == sorted(report["id"] for report in reports)
    for frame, least in zip(frames, (300, 60, 60), strict=True):
        assert len(frame) >= least


@pytest.mark.parametrize("part", ["valid", None, 5, ["train"]])
def test_an_unknown_part_is_named_with_what_is_accepted(part):
    with pytest.raises(ValueError, match="part: there is no .* in the reports.*'train', 'validation', 'test'"):
        load_reports(part)
