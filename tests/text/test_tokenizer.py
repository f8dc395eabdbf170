"""Every family's tokenizer is read from its own files; where a package is missing, the error says which."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from ktlearn.text.tokenizer import tokenizer_of

GOLDEN = Path(__file__).parents[1] / "golden"
MODELS = {"llama": "llama-causal-lm", "t5": "t5-seq2seq", "xlm-roberta": "xlm-roberta", "marian": "marian-seq2seq"}
HAS_SENTENCEPIECE = importlib.util.find_spec("sentencepiece") is not None


@pytest.fixture
def checkpoint(tmp_path):
    """A golden model's config with the files of a tokenizer; T5's has 100 tokens more than its file."""

    def copy(model, files):
        folder = shutil.copytree(GOLDEN / model, tmp_path / model)
        config = json.loads((folder / "config.json").read_text()) | {"vocab_size": 200}
        (folder / "config.json").write_text(json.dumps(config))
        for name, content in files.items():
            (folder / name).write_bytes(content)
        return folder

    return copy


def byte_pairs():
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<|endoftext|>"]
    words = [*special, *"goodba", "Ġ", "go", "od", "good", "ba", "bad"]
    vocabulary = json.dumps({word: i for i, word in enumerate(dict.fromkeys(words))})
    return {"vocab.json": vocabulary.encode(), "merges.txt": b"#version: 0.2\ng o\no d\ngo od\nb a\nba d\n"}


@pytest.mark.parametrize("model", ["gpt2-causal-lm", "qwen2-causal-lm", "bart-seq2seq", "roberta"])
def test_from_vocab_and_merges(checkpoint, model):
    tokenizer = tokenizer_of(checkpoint(model, byte_pairs()))
    pieces = [piece for piece in tokenizer.convert_ids_to_tokens(tokenizer("good").input_ids) if piece[0] != "<"]
    assert pieces == ["good"]


@pytest.mark.parametrize("family", MODELS)
def test_from_sentencepiece_or_the_error_says_what_to_install(checkpoint, family):
    files = {path.name: path.read_bytes() for path in (GOLDEN / "tokenizers" / family).iterdir()}
    expected = json.loads(files.pop("expected.json"))
    folder = checkpoint(MODELS[family], files)
    if HAS_SENTENCEPIECE:
        assert tokenizer_of(folder)("the good book").input_ids == expected
    else:
        with pytest.raises(ImportError, match=r"needs two packages more: pip install sentencepiece protobuf"):
            tokenizer_of(folder)


def test_a_decoder_pads_on_the_left_with_what_it_has(checkpoint):
    tokenizer = tokenizer_of(checkpoint("gpt2-causal-lm", byte_pairs()))
    batch = tokenizer(["good", "good bad"], padding=True)
    assert tokenizer.pad_token == tokenizer.eos_token == "<|endoftext|>"
    assert batch.attention_mask[1] == [1] * len(batch.attention_mask[1])
    assert batch.attention_mask[0][0] == 0 and batch.attention_mask[0][-1] == 1


@pytest.mark.parametrize("model", ["llama-causal-lm", "marian-seq2seq"])
def test_a_checkpoint_without_a_tokenizer_says_which_files_it_lacks(model):
    with pytest.raises(FileNotFoundError, match=r"has no tokenizer.json and no (tokenizer.model|source.spm)"):
        tokenizer_of(GOLDEN / model)
