"""The pictures of the lessons: what is written on them, and what is refused."""

import io
import pickle

import matplotlib

matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from matplotlib.colors import to_hex, to_rgb

from ktlearn.plots import attention_map, curves, head_maps, signed_map

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
    with pytest.raises(ValueError, match=r"needs 3 query_tokens; got 2"):
        attention_map(WEIGHTS, ["a", "b"], TOKENS)
    with pytest.raises(ValueError, match=r"needs 3 key_tokens; got 1"):
        attention_map([[0.9, 0.1, 0.0]], ["she"])


def test_one_string_is_not_a_list_of_tokens():
    with pytest.raises(TypeError, match=r"query_tokens must be a list.*'abc'"):
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


def test_long_curves_have_no_markers_and_still_differ():
    x = np.arange(51)
    ax = curves(x, {"a": x, "b": -x}, "step", "loss")
    assert {line.get_marker() for line in ax.lines} == {""}
    assert len({line.get_linestyle() for line in ax.lines}) == 2
    assert curves(x[:50], {"a": x[:50]}, "step", "loss").lines[0].get_marker() == "o"


HEADS = np.stack([WEIGHTS, np.eye(3), np.full((3, 3), 1 / 3), WEIGHTS, WEIGHTS])


def test_each_head_has_its_map_with_one_colour_bar_for_all():
    axes = head_maps(HEADS, TOKENS)
    draw(axes[0])
    assert [ax.get_title() for ax in axes] == ["head 0", "head 1", "head 2", "head 3", "head 4"]
    for ax, weights in zip(axes, HEADS, strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), weights, atol=1e-6)
        assert ax.images[0].get_clim() == (0, 1)
    assert len(axes[0].figure.axes) == 6


def test_the_words_of_head_maps_stand_once_a_row_and_once_a_column():
    axes = head_maps(HEADS, TOKENS, columns=3)
    draw(axes[0])
    looks, looked_at = "query: the token that looks", "key: the token looked at"
    assert [ax.get_ylabel() for ax in axes] == [looks, "", "", looks, ""]
    assert [ax.get_xlabel() for ax in axes] == ["", "", looked_at, looked_at, looked_at]
    for axis, shown in (("yaxis", [True, False, False, True, False]), ("xaxis", [False, False, True, True, True])):
        ticks = [getattr(ax, axis).get_major_ticks() for ax in axes]
        assert [any(tick.label1.get_visible() for tick in of_ax) for of_ax in ticks] == shown


def test_head_maps_take_other_titles_and_key_tokens():
    axes = head_maps([[[0.5, 0.5]], [[1, 0]]], ["she"], ["a", "b"], titles=["layer 1", "layer 2"])
    assert [ax.get_title() for ax in axes] == ["layer 1", "layer 2"]
    assert words(axes[0].get_xticklabels()) == ["a", "b"]


def test_head_maps_refuse_a_batch_and_missing_titles():
    with pytest.raises(ValueError, match=r"\(1, 5, 3, 3\).*weights\[0\]"):
        head_maps(HEADS[None], TOKENS)
    with pytest.raises(ValueError, match="5 maps need 5 titles; got 1"):
        head_maps(HEADS, TOKENS, titles=["head 1"])


def test_a_signed_map_is_white_at_zero_and_blue_above():
    ax = signed_map([[0.0, 4.0], [-2.0, 1.0]], ylabel="query", xlabel="key")
    image = ax.images[0]
    assert image.get_clim() == (-4, 4)
    zero, above, below = (image.cmap(image.norm(number)) for number in (0.0, 3.0, -3.0))
    assert luminance(zero[:3]) > 0.9
    assert above[2] > above[0] and below[0] > below[2]  # blue, red
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("query", "key")
    assert words(ax.texts) == ["0.00", "4.00", "-2.00", "1.00"]


def test_the_values_of_a_signed_map_can_be_read_on_their_cells():
    ax = signed_map([np.linspace(-1, 1, 9)], "row", "column")
    for text, number in zip(ax.texts, np.linspace(-1, 1, 9), strict=True):
        cell = luminance(ax.images[0].cmap(ax.images[0].norm(number))[:3])
        ink = luminance(to_rgb(text.get_color()))
        assert (max(cell, ink) + 0.05) / (min(cell, ink) + 0.05) > 3  # WCAG's limit for graphics


def test_a_small_negative_number_is_not_written_as_minus_zero():
    assert words(signed_map([[-0.001, 1.0]], "row", "column").texts)[0] == "0.00"


def test_signed_maps_share_a_scale_when_given_a_limit():
    assert signed_map([[0.5]], "row", "column", limit=1).images[0].get_clim() == (-1, 1)
    assert signed_map([[0.0]], "row", "column").images[0].get_clim() == (-1, 1)


def test_a_signed_map_counts_its_rows_or_names_them():
    for shape in ((2, 3), (50, 64)):
        ax = signed_map(np.zeros(shape), "position", "dimension")
        draw(ax)
        assert all(float(tick).is_integer() for tick in [*ax.get_xticks(), *ax.get_yticks()])
    assert not ax.texts
    names = [f"$w_{i}" for i in range(3)]
    ax = signed_map(np.eye(3), "query", "key", row_names=np.array(names), column_names=TOKENS)
    draw(ax)
    assert words(ax.get_yticklabels()) == names
    assert words(ax.get_xticklabels()) == TOKENS


def test_a_signed_map_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match=r"\(rows, columns\); got \(2,\)"):
        signed_map([1, 2], "row", "column")
    with pytest.raises(ValueError, match="finite"):
        signed_map([[1, -np.inf]], "row", "column")
    with pytest.raises(ValueError, match="limit must be a number above 0.*got 0"):
        signed_map([[1]], "row", "column", limit=0)
    with pytest.raises(ValueError, match="needs 1 row_names; got 2"):
        signed_map([[1, 2]], "row", "column", row_names=["a", "b"])


def alternative_text(figure):
    """What IPython writes beside the picture into the notebook."""
    formatter = DisplayFormatter()
    formatter.formatters["image/png"].for_type(type(figure), lambda figure: b"the picture")
    data, metadata = formatter.format(figure)
    assert data["image/png"] == b"the picture"
    return metadata["image/png"]["alt"]


def test_a_picture_carries_its_words_into_the_notebook():
    assert alternative_text(attention_map(WEIGHTS, TOKENS, title="layer 1").figure) == (
        "layer 1. Attention map, 3 queries by 3 keys. Mia looks most at Mia (0.70); "
        "met looks most at met (0.50); Tom looks most at Tom (1.00)."
    )
    line = curves([1, 2, 3], {"training": [0.9, 0.5, 0.4]}, "epoch", "loss")
    assert alternative_text(line.figure) == "Chart of loss over epoch: training from 0.9 to 0.4."
    positions = signed_map([[0.0, 1.0], [-0.5, 0.25]], "position", "dimension")
    assert alternative_text(positions.figure) == (
        "Map of 2 rows (position) and 2 columns (dimension), with numbers from -0.50 to 1.00."
    )


def test_several_maps_in_one_picture_are_all_in_its_words():
    text = alternative_text(head_maps(HEADS[:2], TOKENS)[0].figure)
    assert text.startswith("head 0. Attention map") and "head 1. Attention map" in text


def test_a_picture_with_words_can_still_be_pickled():
    figure = pickle.loads(pickle.dumps(attention_map(WEIGHTS, TOKENS).figure))
    assert alternative_text(figure).startswith("Attention map")
