"""The recipe of minilm-en: which pieces are kept, how the tokenizer shrinks, and a whole run on a tiny model."""

import json

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models
from recipes.minilm_en import make
from tests.tiny import VOCABULARY, sentence, tiny_config

LEFT_OUT = ["[unused1]", "##!", "##京", "É", "...", "й", "京", "ア", "##ก", "ا"]
KEPT = ["!", "##ing", "##ж", "ж", "ß", "µ", "²", "—"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A tiny BERT with a tokenizer as the published model's: holes in its numbers, special tokens not in front."""
    folder = tmp_path_factory.mktemp("published")
    pieces = ["[PAD]", "[unused1]", *LEFT_OUT[1:6], *VOCABULARY[1:], *LEFT_OUT[6:], *KEPT]
    (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    config = tiny_config(vocab_size=len(pieces))
    models.from_config(config, seed=0).save_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.enable_truncation(8)
    tokenizer.backend_tokenizer.enable_padding(length=8)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def made(published, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    make.make(published, folder)
    return folder


def test_of_the_pieces_those_go_that_no_text_can_have_and_those_of_other_scripts(published, made):
    old, new = (AutoTokenizer.from_pretrained(folder).get_vocab() for folder in (published, made))
    assert set(old) - set(new) == set(LEFT_OUT)
    assert set(KEPT) <= set(new)
    assert sorted(new.values()) == list(range(len(new)))
    assert sorted(new, key=new.get) == [piece for piece in sorted(old, key=old.get) if piece in new]


def test_what_is_kept_is_cut_as_before(published, made):
    old, new = (AutoTokenizer.from_pretrained(folder) for folder in (published, made))
    for each in ("good film! naming", "bad ж²—", "not seen [MASK]"):
        assert new.tokenize(each) == old.tokenize(each)
        assert new.convert_ids_to_tokens(new(each)["input_ids"]) == ["[CLS]", *old.tokenize(each), "[SEP]"]


def test_the_tokenizer_cuts_no_text_short_and_fills_none_up(made):
    settings = json.loads((made / "tokenizer.json").read_text(encoding="utf-8"))
    assert settings["truncation"] is None and settings["padding"] is None
    assert len(AutoTokenizer.from_pretrained(made)(sentence(20))["input_ids"]) == 22


def test_the_model_that_is_made_computes_nearly_the_same(published, made):
    old, new = models.from_pretrained(published), models.from_pretrained(made)
    inputs = [AutoTokenizer.from_pretrained(folder)(sentence(20), return_tensors="np") for folder in (published, made)]
    theirs, ours = (np.array(model(batch).last_hidden_state) for model, batch in zip((old, new), inputs, strict=True))
    assert new.settings.vocab_size < old.settings.vocab_size
    assert 0 < np.abs(theirs - ours).max() < 0.1


def test_the_same_source_gives_the_same_bytes_and_the_card_stays(published, made, tmp_path):
    (tmp_path / "README.md").write_text("a card")
    make.make(published, tmp_path)
    names = {path.name for path in made.iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "LICENSE"}
    for name in names:
        assert (tmp_path / name).read_bytes() == (made / name).read_bytes(), name
    assert (tmp_path / "README.md").read_text() == "a card"


def test_another_model_than_the_published_one_is_refused(published, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["make", str(published), str(tmp_path / "out")])
    with pytest.raises(SystemExit):
        make.main()
    assert "not the published all-MiniLM-L6-v2" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
