"""Texts that stand there twice, in two lists or in one."""

import numpy as np
import pytest

from ktlearn.project import duplicates, earlier_copies, near_duplicates
from ktlearn.project.duplicates import plain

LONG = "The room was cold, the tea was colder, and nobody came when we rang the bell."


@pytest.mark.parametrize(
    "copy",
    [
        LONG,
        LONG.upper(),
        f"Fwd: {LONG} (see below)",
        LONG.replace(", ", " — "),
        LONG.replace("cold", "c\u006fld").replace("bell.", "bell!!!"),
        LONG[:-12],
    ],
)
def test_what_is_nearly_the_same_is_found(copy):
    (pair,) = near_duplicates(["Something else altogether was written here.", LONG], [copy])
    assert (pair.place, pair.other) == (1, 0)
    assert pair.likeness > 0.8


@pytest.mark.parametrize("other", ["We rang the bell and had tea in a cold room.", "Fine.", "☺", "它很冷"])
def test_what_says_something_like_it_in_other_words_is_not(other):
    assert near_duplicates([LONG], [other]) == []


def test_very_short_texts_must_be_equal_and_signs_alone_are_no_text():
    assert near_duplicates(["Thank you very much"], ["Thank you very much indeed"]) == []
    assert [pair.other for pair in near_duplicates(["Thank you!", "☺"], ["thank you", "☹"])] == [0]


FAR_APART = {  # a message, and another one to the same desk
    "Chinese": ("房间很冷，茶更冷，按了铃也没有人来。", "早餐七点才开始，可是我的火车七点十分就走了。"),
    "Japanese": (
        "部屋は寒く、お茶はもっと冷たく、ベルを鳴らしても誰も来ませんでした。",
        "朝食は七時からなのに、電車は七時十分に出ます。",
    ),
    "Korean": (
        "방은 춥고 차는 더 차갑고 벨을 눌러도 아무도 오지 않았습니다.",
        "아침 식사는 일곱 시부터인데 기차는 그 전에 떠납니다.",
    ),
    "Hindi": (
        "कमरा ठंडा था, चाय उससे भी ठंडी थी, और घंटी बजाने पर कोई नहीं आया।",
        "नाश्ता सात बजे से था, और मेरी गाड़ी सात दस पर थी।",
    ),
    "Thai": ("ห้องหนาวมาก น้ำชาก็เย็นชืด และไม่มีใครมาเมื่อเรากดกริ่ง", "อาหารเช้าเริ่มเจ็ดโมง แต่รถไฟของฉันออกเจ็ดโมงสิบนาที"),
    "Arabic": (
        "كانت الغرفة باردة والشاي أبرد منها ولم يأت أحد عندما قرعنا الجرس.",
        "يبدأ الفطور في السابعة وقطاري يغادر بعد ذلك بعشر دقائق.",
    ),
}


@pytest.mark.parametrize("language", FAR_APART)
def test_a_forwarded_message_is_found_in_other_scripts_too(language):
    text, another = FAR_APART[language]
    for copy in (f"Fwd: {text} (see below)", f"转发：{text} 谢谢", text[:-3]):
        (pair,) = near_duplicates([another, text], [copy])
        assert (pair.place, pair.likeness > 0.8) == (1, True)
    assert near_duplicates([text], [another]) == []


def test_vowel_signs_are_letters():
    assert plain("दिन") != plain("दीन")  # "day" and "poor"
    assert plain("ที่") != plain("ทุ")
    assert near_duplicates(["दिन"], ["दीन", "दिन!"]) == [(0, 1, 1.0)]


def test_what_nobody_sees_is_no_letter():
    assert plain("soft\u00adly, \u200bnow") == "softly now"
    assert plain("☺\ufe0f") == plain("❤\ufe0f") == ""
    assert plain("1\ufe0f\u20e3 one") == "1 one"
    assert plain("ＡＢＣ cafe\u0301") == "abc café"


def test_only_the_later_of_two_is_a_copy():
    texts = [LONG, "Quite another message, about a lamp that flickers all night.", f"re {LONG}", LONG]
    assert [(pair.place, pair.other) for pair in earlier_copies(texts)] == [(0, 2), (0, 3)]


def test_portions_find_what_one_comparison_finds(monkeypatch):
    rng = np.random.default_rng(0)
    words = ["lamp", "river", "seven", "cold", "train", "orange", "letter", "stone"]
    texts = [" ".join(rng.choice(words, 12)) for _ in range(40)]
    texts += [f"fwd {text}" for text in texts[::4]]
    once = earlier_copies(texts), near_duplicates(texts[:20], texts[20:])
    monkeypatch.setattr(duplicates, "AT_ONCE", 7)
    assert (earlier_copies(texts), near_duplicates(texts[:20], texts[20:])) == once
    assert len(once[0]) >= 10


def test_a_series_with_an_index_of_its_own_is_a_list_of_texts():
    import pandas as pd

    texts = pd.Series([LONG, LONG], index=[7, 3])
    assert [pair.other for pair in earlier_copies(texts)] == [1]


@pytest.mark.parametrize("alike", [0, 1.5, "much"])
def test_a_share_that_is_none_is_refused(alike):
    with pytest.raises(ValueError, match="alike"):
        near_duplicates([LONG], [LONG], alike=alike)
