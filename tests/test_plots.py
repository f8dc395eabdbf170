"""The pictures of the lessons: what is written on them, and what is refused."""

import io

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb

from ktlearn.plots import attention_map, curves

TOKENS = ["Mia", "met", "Tom"]
WEIGHTS = [[0.7, 0.2, 0.1], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def words(texts):
    return [text.get_text() for text in texts]


def draw(ax):
    """Draw for real: a token taken for mathtext fails only here."""
    ax.figure.savefig(io.BytesIO(), format="png")


def test_axes_are_labelled_in_words():
    ax = attention_map(WEIGHTS, TOKENS, title="layer 1, head 2")
    assert ax.get_xlabel() == "key: the token looked at"
    assert ax.get_ylabel() == "query: the token that looks"
    assert ax.get_title() == "layer 1, head 2"


def test_queries_are_rows_and_keys_are_columns():
    ax = attention_map([[0.9, 0.1, 0.0]], ["she"], TOKENS)
    assert words(ax.get_yticklabels()) == ["she"]
    assert words(ax.get_xticklabels()) == TOKENS
    assert ax.images[0].get_array().shape == (1, 3)
    assert words(ax.texts) == ["0.90", "0.10", "0.00"]
    draw(ax)


def test_the_first_query_is_at_the_top():
    bottom, top = attention_map(WEIGHTS, TOKENS).get_ylim()
    assert top < bottom


def test_key_tokens_default_to_the_query_tokens():
    assert words(attention_map(WEIGHTS, TOKENS).get_xticklabels()) == TOKENS


def test_values_are_written_into_small_maps_only():
    assert words(attention_map(WEIGHTS, TOKENS).texts)[:3] == ["0.70", "0.20", "0.10"]
    many = [f"t{i}" for i in range(11)]
    assert not attention_map(np.full((11, 11), 1 / 11), many).texts
    assert len(attention_map(np.full((11, 11), 1 / 11), many, values=True).texts) == 121
    assert not attention_map(WEIGHTS, TOKENS, values=False).texts


def test_values_can_be_read_on_their_cells():
    ax = attention_map([[0.0, 0.3, 0.6, 1.0]], ["she"], ["a", "b", "c", "d"])
    for text, weight in zip(ax.texts, [0.0, 0.3, 0.6, 1.0], strict=True):
        cell = luminance(ax.images[0].cmap(weight)[:3])
        ink = luminance(to_rgb(text.get_color()))
        assert (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05) > 3  # WCAG's limit for graphics


def luminance(rgb):
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_more_weight_is_always_darker_so_the_map_reads_without_colour():
    ax = attention_map(WEIGHTS, TOKENS)
    shades = [luminance(ax.images[0].cmap(w)[:3]) for w in np.linspace(0, 1, 50)]
    assert np.all(np.diff(shades) < 0)


def test_the_colour_scale_is_the_same_on_every_map():
    assert attention_map([[0.26, 0.24, 0.25, 0.25]], ["a"], list("abcd")).images[0].get_clim() == (0, 1)
    assert attention_map([[1.0, 0.0]], ["a"], ["a", "b"]).images[0].get_clim() == (0, 1)


@pytest.mark.parametrize("token", ["$", "$5", "$x$", r"$\frac{$", "a_b^c", r"\n", "<b>", "##ing", "Ġthe", ""])
def test_tokens_are_drawn_letter_by_letter(token):
    ax = attention_map([[0.5, 0.5], [0.5, 0.5]], [token, "b"], title=f"from {token} $ to b")
    draw(ax)
    for axis_labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        assert words(axis_labels)[0] == token
        assert not axis_labels[0].get_parse_math()
    assert not ax.title.get_parse_math()


def test_paper_and_ink_do_not_follow_a_dark_style():
    with plt.style.context("dark_background"):
        ax = attention_map(WEIGHTS, TOKENS, title="t")
        line = curves([1, 2], {"a": [1, 2], "b": [2, 1]}, "x", "y", title="t")
        draw(ax), draw(line)
        bar = ax.figure.axes[1]
    assert ax.figure.get_facecolor() == line.figure.get_facecolor() == (1, 1, 1, 1)
    inked = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(), *bar.get_yticklabels()]
    inked += [line.title, line.xaxis.label, *line.get_yticklabels(), *line.get_legend().get_texts()]
    assert {to_hex(text.get_color()) for text in inked} == {"#222222"}


def test_a_map_drawn_into_given_axes_adds_no_colour_bar():
    figure, (left, right) = plt.subplots(1, 2)
    assert attention_map(WEIGHTS, TOKENS, ax=left) is left
    assert figure.axes == [left, right]


def test_weights_may_be_a_tensor_of_keras():
    from ktlearn.attention import scaled_dot_product_attention

    x = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")
    _, weights = scaled_dot_product_attention(x, x, x)
    ax = attention_map(weights, TOKENS)
    np.testing.assert_allclose(ax.images[0].get_array(), np.array(weights), atol=1e-6)


def test_a_whole_batch_of_maps_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match=r"\(1, 2, 3, 3\).*weights\[0, 0\]"):
        attention_map(np.full((1, 2, 3, 3), 1 / 3), TOKENS)
    with pytest.raises(ValueError, match=r"\(queries, keys\)"):
        attention_map([0.5, 0.5], ["a", "b"])


def test_a_token_count_that_does_not_fit_is_refused_by_name():
    with pytest.raises(ValueError, match=r"need 3 query_tokens; got 2"):
        attention_map(WEIGHTS, ["a", "b"], TOKENS)
    with pytest.raises(ValueError, match=r"need 3 key_tokens; got 1"):
        attention_map([[0.9, 0.1, 0.0]], ["she"])


def test_one_string_is_not_a_list_of_tokens():
    with pytest.raises(ValueError, match=r"query_tokens must be a list.*'abc'"):
        attention_map(WEIGHTS, "abc")


@pytest.mark.parametrize("wrong", [[[4.0, 0.0]], [[1.0, -2.0]], [[np.nan, 1.0]]])
def test_scores_and_nan_are_refused(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        attention_map(wrong, ["she"], ["Mia", "met"])


def test_curves_name_their_lines_in_a_legend_letter_by_letter():
    broken = r"$\frac{$"  # not valid mathtext: drawing it as such raises
    ax = curves([1, 2, 4], {broken: [1, 2, 3], "b": [3, 2, 1]}, broken, "variance", title=broken)
    draw(ax)
    assert words(ax.get_legend().get_texts()) == [broken, "b"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == (broken, "variance", broken)


def test_curves_differ_in_marker_and_dash_not_only_in_colour():
    ax = curves([1, 2], {name: [1, 2] for name in "abcd"}, "x", "y")
    assert len({line.get_marker() for line in ax.lines}) == 4
    assert len({line.get_linestyle() for line in ax.lines}) == 4


def test_one_curve_needs_no_legend():
    assert curves([1, 2], {"a": [1, 2]}, "x", "y").get_legend() is None


def test_curves_refuse_another_length_and_a_fifth_line():
    with pytest.raises(ValueError, match=r"lines\['a'\].*\(3,\) and \(2,\)"):
        curves([1, 2, 3], {"a": [1, 2]}, "x", "y")
    with pytest.raises(ValueError, match="1 to 4 lines; got 5"):
        curves([1], {name: [1] for name in "abcde"}, "x", "y")
    with pytest.raises(ValueError, match="got 0"):
        curves([1], {}, "x", "y")
