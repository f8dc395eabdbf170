"""The same layers and models on Keras' JAX backend, in a process of its own.

A process has one backend, so tests of the heart run there a second time, unchanged: some at each change, all of
them every week, and the examples in its docstrings.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEART = (  # at each change: each layer, its gradients and masks, a cache, a training, one generation and one model
    "tests/test_layers.py",
    "tests/test_rotary.py",
    "tests/support/test_gradients.py",
    *(
        f"tests/test_attention.py::{name}"
        for name in (
            "test_an_example_that_can_be_computed_by_hand",
            "test_equals_keras_dot_product_attention",
            "test_a_row_with_nothing_to_attend_is_zero_in_value_and_gradient[float32]",
            "test_no_look_at_the_future",
            "test_dropout_takes_attention_weights_away_and_scales_the_others",
            "test_multi_head_equals_keras_layer_with_the_same_weights",
            "test_multi_head_in_mixed_precision_is_finite_and_near_float32[mixed_bfloat16]",
            "test_grouped_queries_are_heads_that_share_their_keys_and_values",
        )
    ),
    *(
        f"tests/test_transformer.py::{name}"
        for name in (
            "test_encoder_layer_is_the_formula_of_the_paper",
            "test_decoder_layer_is_the_formula_of_the_paper",
            "test_a_padded_text_gives_what_the_text_alone_gives",
            "test_a_model_of_these_layers_trains_is_saved_and_loaded",
        )
    ),
    "tests/generate/test_golden.py::test_the_tokens_are_those_of_pytorch[gpt2-causal-lm: greedy]",
    "tests/models/test_bert.py::test_equals_pytorch[masked-lm]",
)
REST = (  # every week
    "tests/test_attention.py",
    "tests/test_transformer.py",
    "tests/test_seq2seq.py::test_the_transformer_is_the_paper",
    "tests/test_seq2seq.py::test_it_learns_to_copy_is_saved_and_goes_on",
    "tests/generate/test_searches.py::test_greedy_search_is_the_argmax_loop",
    "tests/generate/test_searches.py::test_beam_search_is_the_one_written_by_hand",
    *(
        f"tests/generate/test_golden.py::test_the_tokens_are_those_of_pytorch[{case}]"
        for case in ("gpt2-causal-lm: beams", "t5-seq2seq: beams, ngrams")
    ),
    "tests/generate/test_rules.py",
    "tests/generate/test_sampling.py",
    "tests/models/test_distilbert.py::test_equals_pytorch[classification]",
    "tests/models/test_llama.py::test_equals_pytorch[mistral-causal-lm-causal-lm]",
    "tests/models/test_marian.py::test_equals_pytorch[marian-seq2seq-seq2seq]",
    "tests/models/test_marian.py::test_equals_pytorch[bart-seq2seq-seq2seq]",
    "tests/models/test_t5.py::test_equals_pytorch[t5-seq2seq-seq2seq]",
)
EXAMPLES = (  # every week, too
    "ktlearn/attention.py",
    "ktlearn/layers.py",
    "ktlearn/rotary.py",
    "ktlearn/transformer.py",
    "ktlearn/seq2seq.py",
    "ktlearn/generate/",
    "ktlearn/models/",
)

pytestmark = pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")


IMPORTS_FIRST = """
import sys, ktlearn.models, ktlearn.transformer
from ktlearn.backend import keras
print(keras.backend.backend(), "tensorflow" in sys.modules)
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


def on_jax(*tests):
    """Import the layers in a process of its own, then run these tests in it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # One CPU device, also where jax would look for a GPU; and a quick compiler, for small arrays.
    environment |= {"JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    environment["KERAS_BACKEND"] = "jax"
    command = [sys.executable, "-c", IMPORTS_FIRST, "-q", "-rp", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def passed(run):
    """How many tests passed; none may fail or be skipped."""
    last_line = run.stdout.strip().splitlines()[-1]
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "skipped" not in last_line
    return int(re.search(r"(\d+) passed", last_line)[1])


@pytest.fixture(scope="module")
def heart():
    return on_jax(*HEART)


@pytest.mark.slow
def test_importing_the_layers_does_not_bring_tensorflow(heart):
    assert heart.stdout.split("\n")[0] == "jax False", heart.stderr


@pytest.mark.slow
def test_the_heart_passes_its_tests_on_jax(heart):
    assert passed(heart) > 80


@pytest.mark.slow
@pytest.mark.weekly
def test_all_of_it_and_the_searches_pass_their_tests_and_the_examples_run_on_jax():
    run = on_jax(*REST, *EXAMPLES)
    assert passed(run) > 170
    assert [path for path in EXAMPLES if f"PASSED {path}" not in run.stdout] == []
