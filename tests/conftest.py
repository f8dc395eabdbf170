"""What tests share: a browser, and a tiny checkpoint with what is made of it (no network, no bundled model).

Heavy imports stand inside the fixtures, so that a test without Keras starts at once.
"""

import shutil

import pytest

from tests.browser.chromium import FLAGS, find_chromium
from tests.tiny import NAMES, POSITIONS, VOCABULARY, reviews

LONGEST = (  # of one test or one fixture that takes a minute or more; the longest first
    "tests/test_backends.py",
    "tests/site/test_site.py",
    "tests/learner/test_distributed.py",
    "tests/learner/test_distributed_strategy.py",
    "tests/learner/test_on_jax.py",
    "tests/notebooks/test_strict_nbval.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The longest files first: at the end, the other processes would else wait minutes for the one with such a file."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


def pytest_ignore_collect(collection_path):
    """Only the tests: to look for examples, pytest would import every other file here as well."""
    is_python = collection_path.suffix == ".py"
    return True if is_python and not collection_path.name.startswith("test_") else None


@pytest.fixture(scope="session")
def browser():
    """A browser without a screen, for the tests of the widgets."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run `make test`")
    path = find_chromium()
    if path is None:
        pytest.skip("there is no Chromium: install it, or name one in KTLEARN_CHROMIUM")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    """The folder of a small random BERT with its tokenizer."""
    from transformers import BertConfig, BertTokenizerFast

    from ktlearn import models

    folder = tmp_path_factory.mktemp("tiny") / "tiny-bert"
    config = BertConfig(
        vocab_size=200,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=POSITIONS,
        initializer_range=0.1,
    )
    models.from_config(config, seed=0).save_pretrained(folder)
    unused = [f"[unused{i}]" for i in range(200 - len(VOCABULARY))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(VOCABULARY + unused)}).save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="session")
def shallow(checkpoint, tmp_path_factory):
    """The checkpoint with one layer, for programs that compile it again and again."""
    from transformers import AutoConfig

    from ktlearn import models

    folder = tmp_path_factory.mktemp("shallow") / "shallow-bert"
    shutil.copytree(checkpoint, folder)  # for the tokenizer
    config = AutoConfig.from_pretrained(checkpoint)
    config.num_hidden_layers = 1
    models.from_config(config, seed=0).save_pretrained(folder)
    return str(folder)


@pytest.fixture
def t(checkpoint):
    """A fresh `text.Transformer` for the two classes of :func:`reviews`."""
    from ktlearn import text

    return text.Transformer(checkpoint, maxlen=64, class_names=NAMES)


@pytest.fixture
def regression(checkpoint):
    """A fresh `text.Transformer` that predicts numbers."""
    from ktlearn import text

    return text.Transformer(checkpoint, maxlen=64, is_regression=True)


@pytest.fixture(scope="session")
def trained(checkpoint):
    """A learner that tells good from bad, with its Transformer: ``(learner, t)``. Tests only look at it."""
    import ktlearn
    from ktlearn import text
    from ktlearn.backend import keras

    keras.utils.set_random_seed(1)
    t = text.Transformer(checkpoint, maxlen=64, class_names=NAMES)
    trn = t.preprocess_train(*reviews(120), verbose=0)
    val = t.preprocess_test(*reviews(40, seed=1), verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=8)
    learner.fit_onecycle(3e-3, 4, verbose=0)
    return learner, t


@pytest.fixture
def no_work(monkeypatch):
    """Whatever reads a text or loads weights now fails the test."""
    from ktlearn import models, text

    def stop(*args, **kwargs):
        raise AssertionError("work was begun before the input was checked")

    monkeypatch.setattr(text.Transformer, "_tokenize", stop)
    monkeypatch.setattr(models, "from_pretrained", stop)
