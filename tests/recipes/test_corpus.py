"""The corpus of the bundled model: what is read, which pieces of words are kept, how texts are cut."""

import gzip

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn.data import load_review_lists
from ktlearn.models import hub
from recipes.mini_bert_en import corpus

WORDNET = """\
  1 This is the licence.
00003939 00 a 02 dying(p) 0 near_death 0 001 & 00003356 a 0000 | ceasing to be; "a dying fire"
"""
NOUNS = """\
00001740 03 n 01 entity 0 001 ~ 00001930 n 0000 | that which is perceived to exist
00002137 03 n 01 remark 0 001 ~ 00001930 n 0000 | a statement; "her only remark was a sneer"
"""


@pytest.fixture(scope="module")
def bundled():
    return AutoTokenizer.from_pretrained(hub.find("ktlearn/mini-bert-en"))


def words_of(tokenizer, ids):
    return tokenizer.convert_ids_to_tokens(np.asarray(ids).tolist())


def test_reviews_lose_their_markup_and_labels_are_not_read(tmp_path):
    with gzip.open(tmp_path / "imdb_train.csv.gz", "wt") as file:
        file.write('text,label\n"Great.<br /><br />Simply great &amp; long.",positive\n')
    with gzip.open(tmp_path / "sst2_train.tsv.gz", "wt") as file:
        file.write("it is n't the film 's fault\t0\n")

    texts = corpus.read(tmp_path)

    assert "Great. Simply great & long." in texts
    assert "it isn't the film's fault" in texts


def test_dictionary_entries_are_the_words_and_what_they_mean(tmp_path):
    (tmp_path / "data.adj").write_text(WORDNET)
    (tmp_path / "data.noun").write_text(NOUNS)

    texts = set(corpus.read(tmp_path))

    assert 'dying, near death: ceasing to be; "a dying fire"' in texts
    assert 'remark: a statement; "her only remark was a sneer"' in texts
    assert not [text for text in texts if text.startswith("entity") or "licence" in text]


def test_of_the_course_s_reviews_only_the_training_texts_are_read(tmp_path):
    (tmp_path / "data.adj").write_text(WORDNET)
    (train, _), (validation, _), (test, _) = load_review_lists()

    texts = set(corpus.read(tmp_path))

    assert texts >= set(train)
    assert not texts & set(validation) and not texts & set(test)


def test_a_folder_without_any_of_the_files_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds none of imdb_train.csv.gz"):
        corpus.read(tmp_path)


def test_the_shorter_tokenizer_keeps_what_the_texts_need_and_knows_the_teacher_s_ids(bundled):
    text = "an unforgettable film, an unforgettable evening"

    short, ids = corpus.shorter_tokenizer(bundled, [text], 200)

    assert len(short) == len(ids) == 200
    assert words_of(short, range(5)) == corpus.SPECIAL
    assert short.tokenize(text) == bundled.tokenize(text)
    assert words_of(bundled, ids) == words_of(short, range(200))


def test_a_word_whose_piece_is_gone_is_cut_smaller_and_never_unknown(bundled):
    short, _ = corpus.shorter_tokenizer(bundled, ["a film"], 150)

    cut = short.tokenize("screenplay")

    assert len(cut) > len(bundled.tokenize("screenplay"))
    assert "".join(piece.removeprefix("##") for piece in cut) == "screenplay"


def test_the_pieces_hold_every_token_once_between_cls_and_sep(bundled):
    texts = [*load_review_lists()[0][0][:20], "a long story " * 300]

    rows = corpus.pieces(bundled, texts, np.random.default_rng(0))

    body = [row[(row != 0) & (row != 2) & (row != 3)] for part in rows.values() for row in part]
    expected = np.concatenate(bundled(texts, add_special_tokens=False, verbose=False)["input_ids"])
    assert sorted(np.concatenate(body)) == sorted(expected)
    for length, part in rows.items():
        assert part.shape[1] == length
        assert (part[:, 0] == 2).all() and ((part == 3).sum(1) == 1).all()
