"""DATES: dates and numbers in English and in another language, without end, for a small translation task.

Babel writes both sides from the CLDR, the Unicode consortium's collection of how the world writes dates and numbers:

    <zh> Friday, March 5, 2021    ->  2021年3月5日
    <de> 2021-03-05               ->  5. März 2021
    <zh> 1.2 million              ->  120万

The tag at the start of a source names the language wanted (Johnson et al. 2017). A date or a number belongs to exactly
one split, in whatever form it is written: no test date is a training date in other words.
"""

import datetime
import functools
import hashlib

import numpy as np
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal

from ktlearn.support.arguments import check_whole

SPLITS = ("train", "validation", "test")
LOCALES = ("zh", "de", "es")
YEARS = (1950, 2049)  # the first and the last
DATE_FORMATS = ("MMMM d, y", "d MMM y", "EEEE, MMMM d, y", "y-MM-dd")  # CLDR patterns
NUMBER_FORMATS = ("grouped", "short", "long")
_locale = functools.cache(Locale.parse)
_SPACES = str.maketrans("\xa0\u202f\u2009", "   ")  # the CLDR's narrow and non-breaking spaces


def date_pairs(split, locales=LOCALES, seed=0, formats=DATE_FORMATS, years=YEARS):
    """Pairs without end: an English date, and the same date as the other language writes it out.

    Args:
        split: ``"train"`` (80 % of all dates), ``"validation"`` (10 %) or ``"test"`` (10 %).
        locales: the target languages, as Babel calls them: ``"zh"``, ``"de"``, ``"pt_BR"`` …; one, or a list.
        seed: an integer; the same seed gives the same pairs.
        formats: the forms of the source, as CLDR patterns; one, or a list.
        years: the first and the last year, from 1 to 9999.

    Returns:
        An endless iterator of ``(source, target)``, both strings. :func:`take` makes a list of the first ones.

    Raises:
        ValueError: an unknown split or locale, an empty list, or years in the wrong order.

    Source: the target is the CLDR's "long" format, with plain spaces instead of non-breaking ones.

    >>> next(date_pairs("test", "zh", formats="MMMM d, y"))
    ('<zh> January 31, 1958', '1958年1月31日')
    """
    locales = _checked("locales", locales)
    formats = _checked("formats", formats)
    is_pair = isinstance(years, (tuple, list)) and [type(year) for year in years] == [int, int]
    if not is_pair or not 1 <= years[0] <= years[1] <= 9999:
        raise ValueError(f"years: the first and the last year must go up, from 1 to 9999; got {years}.")
    first, last = years
    low, high = datetime.date(first, 1, 1).toordinal(), datetime.date(last, 12, 31).toordinal() + 1

    def draw(rng):
        return datetime.date.fromordinal(int(rng.integers(low, high)))

    return _pairs(split, locales, seed, formats, draw, english_date, translated_date)


def number_pairs(split, locales=LOCALES, seed=0, formats=NUMBER_FORMATS):
    """Pairs without end: an English number, and the same number as the other language writes it in short.

    The numbers have three digits that count, from 1,000 to 9,990,000,000. So every form says the number exactly.

    Args:
        split, locales, seed: as in :func:`date_pairs`.
        formats: forms of the source: ``"grouped"`` (1,230,000), ``"short"`` (1.23M), ``"long"`` (1.23 million).

    Returns:
        As :func:`date_pairs`.

    Raises:
        ValueError: an unknown split, locale or form, or an empty list.

    Source: the target is the CLDR's long compact format, or its short one where a language has no other.

    >>> next(number_pairs("test", "zh", formats="long"))
    ('<zh> 90.3 thousand', '9.03万')
    """
    locales = _checked("locales", locales)
    formats = _checked("formats", formats)
    for name in formats:
        if name not in NUMBER_FORMATS:
            raise ValueError(f"formats: there is no {name!r} for numbers. Choose from {list(NUMBER_FORMATS)}.")

    def draw(rng):
        return int(rng.integers(100, 1000)) * 10 ** int(rng.integers(1, 8))

    return _pairs(split, locales, seed, formats, draw, english_number, translated_number)


def take(pairs, size):
    """The first ``size`` pairs as two lists: the sources and the targets.

    Raises:
        ValueError: ``size`` is less than 1.
        TypeError: ``pairs`` is something else.

    >>> sources, targets = take(date_pairs("train"), 1000)
    >>> len(sources), len(targets)
    (1000, 1000)
    """
    check_whole("size", size)
    if not hasattr(pairs, "__next__"):
        raise TypeError(f"pairs must be what date_pairs or number_pairs gives; got {pairs!r:.60}.")
    sources, targets = zip(*(next(pairs) for _ in range(size)), strict=True)
    return list(sources), list(targets)


def split_of(value):
    """The split that a date or a whole number belongs to.

    Its text is hashed, so the answer is the same on every machine and needs no list of dates.

    >>> split_of(datetime.date(2021, 3, 5)), split_of(1_200_000)
    ('train', 'train')
    """
    tenth = int.from_bytes(hashlib.sha256(str(value).encode()).digest()[:4], "big") % 10
    return "validation" if tenth == 8 else "test" if tenth == 9 else "train"


def english_date(date, pattern):
    """A date in English, in the form of a CLDR pattern.

    >>> english_date(datetime.date(2021, 3, 5), "d MMM y")
    '5 Mar 2021'
    """
    return format_date(date, pattern, locale=_locale("en"))


def translated_date(date, locale):
    """A date in another language, in the CLDR's long format.

    >>> translated_date(datetime.date(2021, 3, 5), "de")
    '5. März 2021'
    """
    return format_date(date, "long", locale=_locale(locale)).translate(_SPACES)


def english_number(number, form):
    """A number in English: "grouped", "short" or "long".

    >>> english_number(1_200_000, "long")
    '1.2 million'
    """
    if form == "grouped":
        return format_decimal(number, locale=_locale("en"))
    return format_compact_decimal(number, format_type=form, locale=_locale("en"), fraction_digits=2)


def translated_number(number, locale):
    """A number in another language, in short.

    >>> translated_number(1_200_000, "zh")
    '120万'
    """
    locale = _locale(locale)
    form = "long" if "long" in locale.compact_decimal_formats else "short"
    return format_compact_decimal(number, format_type=form, locale=locale, fraction_digits=2).translate(_SPACES)


def _pairs(split, locales, seed, formats, draw, english, translated):
    check_whole("seed", seed, least=0)
    if split not in SPLITS:
        raise ValueError(f"split: there is no {split!r}. Choose from {list(SPLITS)}.")
    for locale in locales:
        try:
            _locale(locale)
        except (UnknownLocaleError, ValueError, TypeError) as error:
            raise ValueError(
                f"locales: Babel knows no {locale!r}. Give codes such as 'zh', 'de' or 'pt_BR'; "
                "babel.localedata.locale_identifiers() lists them all."
            ) from error

    def endless():
        rng = np.random.default_rng([seed, SPLITS.index(split)])
        while True:
            value = draw(rng)
            if split_of(value) == split:
                locale = locales[rng.integers(len(locales))]
                source = english(value, formats[rng.integers(len(formats))])
                yield f"<{locale}> {source}", translated(value, locale)

    return endless()  # a function of its own, so that the checks above run at once


def _checked(argument, value):
    values = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    if not values:
        raise ValueError(f"{argument} is an empty list. Give at least one.")
    for each in values:
        if not isinstance(each, str):
            raise TypeError(f"{argument} must be a string, or a list of strings; got {each!r}.")
    return values
