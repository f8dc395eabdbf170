"""The diagrams of lesson 13 say what a decoder alone is made of, and what changed."""

from ktlearn.diagrams.boxes import ORANGE
from ktlearn.diagrams.lesson_13 import decoder_alone, gpt2_and_llama


def test_a_decoder_alone_has_no_second_attention():
    svg = decoder_alone().data
    assert svg.count(">attention<") == 1
    assert svg.count(">LayerNorm<") == 3  # two in the block, one behind the last block
    assert "(B, L, D)" in svg and "(B, L, V)" in svg


def test_what_differs_in_llama_is_orange_and_nothing_in_gpt2_is():
    assert ORANGE not in decoder_alone().data
    svg = gpt2_and_llama().data
    assert svg.count(">LayerNorm<") == svg.count(">RMSNorm<") == 3
    for part in ("causal, rotary, grouped", "SwiGLU", "GELU", "+ positions"):
        assert svg.count(f">{part}<") == 1
