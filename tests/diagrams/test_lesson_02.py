"""The diagram of lesson 02 says what the lesson says."""

from ktlearn.diagrams.lesson_02 import self_attention


def test_one_text_makes_queries_keys_and_values():
    svg = self_attention().data
    assert svg.count("(L, D)") == 1
    assert svg.count("(L, d_k)") == 2  # Q and K, so that they can meet
    assert "V  (L, d_v)" in svg


def test_the_mask_is_drawn_only_where_it_is_wanted():
    assert "may attend" not in self_attention().data
    assert "True = may attend" in self_attention(with_mask=True).data
