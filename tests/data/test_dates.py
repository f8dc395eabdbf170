"""Dates and numbers: both sides of a pair say the same, the splits share nothing, the seed decides everything."""

import datetime
import re
from decimal import Decimal
from itertools import islice

import pytest

from ktlearn.data import date_pairs, number_pairs, split_of, take
from ktlearn.data.dates import DATE_FORMATS, LOCALES, NUMBER_FORMATS, SPLITS

GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
ENGLISH = {"MMMM d, y": "%B %d, %Y", "d MMM y": "%d %b %Y", "EEEE, MMMM d, y": "%A, %B %d, %Y", "y-MM-dd": "%Y-%m-%d"}
TIMES = {"": 1, "K": 10**3, "thousand": 10**3, "M": 10**6, "million": 10**6, "B": 10**9, "billion": 10**9}
CHINESE_TIMES = {"": 1, "万": 10**4, "亿": 10**8}
GERMAN_TIMES = {"Tausend": 10**3, "Million": 10**6, "Millionen": 10**6, "Milliarde": 10**9, "Milliarden": 10**9}


def date_in(source, pattern):
    return datetime.datetime.strptime(source.split("> ")[1], ENGLISH[pattern]).date()


def number_in(source):
    text = source.split("> ")[1]
    digits, word = re.fullmatch(r"([\d,.]+) ?(\w*)", text).groups()
    return int(Decimal(digits.replace(",", "")) * TIMES[word])


def chinese_date(text):
    return datetime.date(*map(int, re.fullmatch(r"(\d+)年(\d+)月(\d+)日", text).groups()))


def german_date(text):
    day, month, year = re.fullmatch(r"(\d+)\. (\w+) (\d+)", text).groups()
    return datetime.date(int(year), GERMAN.split().index(month) + 1, int(day))


def spanish_date(text):
    day, month, year = re.fullmatch(r"(\d+) de (\w+) de (\d+)", text).groups()
    return datetime.date(int(year), SPANISH.split().index(month) + 1, int(day))


@pytest.mark.parametrize("pattern", DATE_FORMATS)
@pytest.mark.parametrize(("locale", "read"), [("zh", chinese_date), ("de", german_date), ("es", spanish_date)])
def test_source_and_target_are_the_same_date(locale, read, pattern):
    sources, targets = take(date_pairs("train", locale, formats=pattern), 300)
    for source, target in zip(sources, targets, strict=True):
        assert source.startswith(f"<{locale}> ")
        assert read(target) == date_in(source, pattern), (source, target)


@pytest.mark.parametrize("form", NUMBER_FORMATS)
def test_source_and_target_are_exactly_the_same_number(form):
    sources, targets = take(number_pairs("train", ["zh", "de"], formats=form), 600)
    for source, target in zip(sources, targets, strict=True):
        if source.startswith("<zh>"):
            digits, word = re.fullmatch(r"([\d.]+)(\w?)", target).groups()
            found = Decimal(digits) * CHINESE_TIMES[word]
        else:
            digits, word = target.split(" ")
            found = Decimal(digits.replace(",", ".")) * GERMAN_TIMES[word]
        assert found == number_in(source), (source, target)


def test_a_date_is_in_one_split_in_whatever_form():
    dates = {}
    for split in SPLITS:
        dates[split] = set()
        for seed, pattern in enumerate(DATE_FORMATS):
            sources, _ = take(date_pairs(split, seed=seed, formats=pattern), 2000)
            dates[split] |= {date_in(source, pattern) for source in sources}
    assert min(map(len, dates.values())) > 2500
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not dates[one] & dates[other]


def test_a_number_is_in_one_split_in_whatever_form():
    numbers = {split: {number_in(s) for s in take(number_pairs(split), 3000)[0]} for split in SPLITS}
    assert min(map(len, numbers.values())) > 500
    for one, other in (("train", "validation"), ("train", "test"), ("validation", "test")):
        assert not numbers[one] & numbers[other]


def test_the_splits_have_eight_tenths_and_twice_one_tenth_of_all_dates():
    days = [datetime.date(1950, 1, 1) + datetime.timedelta(days=n) for n in range(36525)]
    share = {split: sum(split_of(day) == split for day in days) / len(days) for split in SPLITS}
    assert share == {
        "train": pytest.approx(0.8, abs=0.01),
        "validation": pytest.approx(0.1, abs=0.01),
        "test": pytest.approx(0.1, abs=0.01),
    }


def test_the_split_of_a_date_never_changes():
    """A trained model's test dates must stay unseen, on every machine and in every version."""
    assert split_of(datetime.date(2021, 3, 5)) == "train"
    assert [day for day in range(1, 32) if split_of(datetime.date(2000, 1, day)) == "test"] == [6, 14]
    assert [n for n in range(1000, 1100, 10) if split_of(n) != "train"] == [1040]


def test_the_same_seed_gives_the_same_pairs_and_another_seed_others():
    first, second, other = (take(date_pairs("train", seed=seed), 50) for seed in (4, 4, 5))
    assert first == second
    assert len(set(first[0]) & set(other[0])) < 5
    assert take(number_pairs("test", seed=1), 50) == take(number_pairs("test", seed=1), 50)


def test_pairs_never_end_and_go_on_where_one_stopped():
    pairs = date_pairs("train")
    first, then = take(pairs, 3), take(pairs, 3)
    assert take(date_pairs("train"), 6) == ([*first[0], *then[0]], [*first[1], *then[1]])
    assert sum(1 for _ in islice(pairs, 5000)) == 5000


def test_all_languages_and_all_forms_occur_about_equally_often():
    sources, _ = take(date_pairs("train"), 4000)
    for locale in LOCALES:
        share = sum(source.startswith(f"<{locale}> ") for source in sources) / 4000
        assert share == pytest.approx(1 / len(LOCALES), abs=0.03)
    assert sum(bool(re.search(r"\d-\d\d-\d\d$", source)) for source in sources) / 4000 == pytest.approx(1 / 4, abs=0.03)


def test_years_are_the_first_and_the_last():
    sources, _ = take(date_pairs("train", "zh", formats="y-MM-dd", years=(2060, 2061)), 400)
    assert {source[5:9] for source in sources} == {"2060", "2061"}


def test_any_language_of_babel_will_do_and_spaces_are_plain():
    _, targets = take(number_pairs("train", ["fr", "ru", "pt_BR", "ja"]), 400)
    _, dates = take(date_pairs("train", ["fr", "ru", "vi", "ko"]), 400)
    assert not re.search(r"[\xa0\u202f\u2009]", "".join(targets + dates))
    assert any("億" in target for target in targets) and any(re.search("[а-я]", date) for date in dates)


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: date_pairs("valid"), r"split: there is no 'valid'. Choose from \['train', 'validation', 'test'\]"),
        (lambda: number_pairs("Train"), "split: there is no 'Train'"),
        (lambda: date_pairs("train", "xx"), "locales: Babel knows no 'xx'. Give codes such as 'zh'"),
        (lambda: date_pairs("train", ["de", "Chinese"]), "locales: Babel knows no 'Chinese'"),
        (lambda: date_pairs("train", ["de", 7]), "locales must be a string, or a list of strings; got 7"),
        (lambda: date_pairs("train", []), "locales is an empty list"),
        (lambda: date_pairs("train", formats=[]), "formats is an empty list"),
        (lambda: date_pairs("train", years=(2000, 1999)), r"years: .* must go up, from 1 to 9999; got \(2000, 1999\)"),
        (lambda: date_pairs("train", years=(0, 10)), "years: .* from 1 to 9999"),
        (lambda: number_pairs("train", formats="words"), "formats: there is no 'words' for numbers. .*'grouped'"),
        (lambda: take(date_pairs("train"), 0), "size must be a whole number, at least 1; got 0"),
        (lambda: take(date_pairs("train"), -3), "size must be a whole number, at least 1; got -3"),
    ],
)
def test_bad_input_is_refused_at_once_and_says_what_is_accepted(call, complaint):
    with pytest.raises((ValueError, TypeError), match=complaint):
        call()
