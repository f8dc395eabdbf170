"""How long texts are, and how that is said."""

from ktlearn.text.lengths import length_sentence, length_stats
from tests.tiny import sentence


def test_the_figures_of_a_hundred_lengths():
    stats = length_stats(range(1, 101), maxlen=97)
    assert stats == {"mean": 50.5, "95percentile": 96, "99percentile": 100, "longest": 100, "covered": 0.97}


def test_the_sentence_says_what_maxlen_covers():
    line = length_sentence("train", 1234, length_stats([10, 20, 30, 40], maxlen=30), maxlen=30)
    assert line.startswith("train: 1,234 texts, 25 tokens on average")
    assert "the longest 40" in line
    assert line.endswith("maxlen 30 covers 75.0 % of them whole")


def test_a_hundred_percent_is_said_only_when_no_text_is_cut():
    def covered(lengths):
        return length_sentence("train", len(lengths), length_stats(lengths, maxlen=30), maxlen=30)

    assert "100 %" in covered([30] * 5000)
    assert "99.9 %" in covered([30] * 4999 + [31])


def test_lengths_are_counted_in_tokens_with_the_special_ones_and_before_any_cut(t):
    stats = t.seqlen_stats([sentence(5), sentence(98)])
    assert stats["mean"] == (7 + 100) / 2
    assert stats["longest"] == 100
    assert stats["covered"] == 0.5  # t's maxlen is 64


def test_lengths_of_pairs_count_both_texts(t):
    assert t.seqlen_stats([(sentence(5), sentence(4))])["longest"] == 12


def test_the_sentence_is_printed_for_whole_texts_although_the_data_set_holds_cut_ones(t, capsys):
    t.preprocess_test([sentence(5), sentence(98)])
    assert "the longest 100; maxlen 64 covers 50.0 % of them whole" in capsys.readouterr().out


def test_print_seqlen_stats_prints_the_sentence(t, capsys):
    t.print_seqlen_stats([sentence(5), sentence(8)], mode="mine")
    assert capsys.readouterr().out.startswith("mine: 2 texts, 8 tokens on average")
