"""The same layers and models on Keras' JAX backend, in a process of its own.

A process has one backend, so the tests of the heart run there a second time, unchanged, and so do
the examples in its docstrings.
"""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEART = (  # at each change
    "tests/test_attention.py",
    "tests/test_layers.py",
    "tests/test_rotary.py",
    "tests/test_transformer.py::test_encoder_layer_is_the_formula_of_the_paper",
    "tests/test_transformer.py::test_decoder_layer_is_the_formula_of_the_paper",
    "tests/test_transformer.py::test_step_by_step_with_a_cache_gives_what_the_whole_sequence_gives",
    "tests/support/test_gradients.py",
    "tests/generate/test_golden.py::test_the_tokens_are_those_of_pytorch[gpt2-causal-lm: greedy]",
    "tests/models/test_bert.py::test_equals_pytorch[masked-lm]",
)
REST = (  # every week
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


def on_jax(*arguments):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    # One CPU device, also where jax would look for a GPU; and a quick compiler, for small arrays.
    environment |= {"JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    environment["KERAS_BACKEND"] = "jax"
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_importing_the_layers_does_not_bring_tensorflow():
    program = (
        "import sys, ktlearn.models, ktlearn.transformer\n"
        "from ktlearn.backend import keras\n"
        "print(keras.backend.backend(), 'tensorflow' in sys.modules)"
    )
    run = on_jax("-c", program)
    assert run.stdout.split() == ["jax", "False"], run.stderr


@pytest.mark.slow
def test_the_heart_passes_its_tests_on_jax():
    assert passed_on_jax(*HEART)[0] > 130


@pytest.mark.slow
@pytest.mark.weekly
def test_the_models_and_the_searches_pass_their_tests_and_the_examples_run_on_jax():
    count, printed = passed_on_jax(*REST, *EXAMPLES)
    assert count > 60
    assert [path for path in EXAMPLES if f"PASSED {path}" not in printed] == []


def passed_on_jax(*tests):
    """How many of these pass, and what pytest prints; none may fail or be skipped."""
    run = on_jax("-m", "pytest", "-q", "-rp", "-p", "no:cacheprovider", *tests)
    last_line = run.stdout.strip().splitlines()[-1]
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]
    assert "skipped" not in last_line
    return int(re.search(r"(\d+) passed", last_line)[1]), run.stdout
