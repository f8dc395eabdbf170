"""The recipe of the bundled GPT: its texts, its windows, a run that goes on, its judges, and n-grams by hand."""

import gzip

import numpy as np
import pytest
from transformers import AutoTokenizer

from ktlearn import models
from ktlearn.backend import keras
from recipes.small_gpt_en import books, corpus, evaluate, tokens, train
from recipes.small_gpt_en.batches import Windows
from recipes.small_gpt_en.ngram import KneserNey

TINY = dict(n_positions=8, n_embd=16, n_layer=1, n_head=2)
TALE = ["The cat sat on the mat.", "The dog sat by the door.", "A cat and a dog sat still."]


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with a book for each part, and some sentences."""
    for part in ("TRAIN", "VALIDATION", "TEST"):
        monkeypatch.setattr(books, part, {"A Writer": [part.title()]})
        path = tmp_path / "books" / "A Writer" / f"{part.title()}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# Title: {part}\n\n" + "\n\n".join(f"{part.lower()}: {line}" for line in TALE * 5))
    with gzip.open(tmp_path / corpus.SENTENCES, "wt", encoding="utf-8") as file:
        file.writelines(f"{line}\t…\n" for line in TALE)
    return tmp_path


def test_a_book_is_its_paragraphs_without_headings_and_marks():
    markdown = "# Title: A Tale\n\n-------\n\n##  I. \n\n“You _must_ come--now,”\nhe said.  \n\n* * *\n\nShe didn’t.\n"
    assert corpus.book(markdown) == '"You must come—now," he said.\nShe didn\'t.'


def test_a_part_holds_its_own_texts_only(shelf):
    parts = corpus.read(shelf)
    for part in ("train", "validation", "test"):
        whole = "\n".join(parts[part])
        assert [name for name in ("train", "validation", "test") if f"{name}: The cat" in whole] == [part]
    assert not set(parts["passages"]) & set(parts["train"])
    assert any(all(line in text for line in TALE) and "train:" not in text for text in parts["train"])  # of Tatoeba


def test_no_book_is_in_two_parts():
    parts = [{(a, t) for a, ts in part.items() for t in ts} for part in (books.TRAIN, books.VALIDATION, books.TEST)]
    assert len(set.union(*parts)) == sum(map(len, parts))


def test_a_missing_book_is_named_before_any_work(shelf):
    (shelf / "books" / "A Writer" / "Test.md").unlink()
    with pytest.raises(FileNotFoundError, match="1 of 4 files are missing, the first is .*Test.md"):
        corpus.read(shelf)


def test_pieces_give_back_any_text_and_an_end_stands_between_documents():
    tokenizer = tokens.learn(TALE, 265, 64)
    text = "The naïve cat — 猫\n sat."
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text
    stream = tokens.stream(tokenizer, ["cat", "dog"])
    ends = [0, len(tokenizer("cat")["input_ids"]) + 1, len(stream) - 1]
    assert np.flatnonzero(stream == tokens.END_ID).tolist() == ends
    assert tokenizer.eos_token_id == tokens.END_ID and len(tokenizer) == 265


def test_the_labels_are_the_next_tokens_and_a_pass_reads_each_window_once():
    windows = Windows(np.arange(104), length=4, size=3, steps=2)
    seen = []
    for epoch in range(windows.per_pass // 2):
        windows.epoch = epoch
        for inputs, labels in (windows[0], windows[1]):
            np.testing.assert_array_equal(labels, inputs["input_ids"] + 1)
            seen += inputs["input_ids"].ravel().tolist()
    assert windows.per_pass == 8 and len(seen) == len(set(seen)) == 8 * 3 * 4
    windows.epoch += 1
    again = [windows[number][0]["input_ids"].tolist() for number in (0, 1)]
    assert again != [Windows(np.arange(104), 4, 3, 2)[number][0]["input_ids"].tolist() for number in (0, 1)]


def test_validation_windows_stand_in_the_order_of_the_text():
    windows = Windows(np.arange(26), length=4, size=3)
    assert len(windows) == 2
    assert windows[1][0]["input_ids"][:, 0].tolist() == [12, 16, 20]


def test_a_text_too_short_for_a_batch_is_refused():
    with pytest.raises(ValueError, match="9 tokens are too few for a batch of 2 windows of 4"):
        Windows(np.arange(9), length=4, size=2, steps=5)


def test_a_later_token_never_changes_an_earlier_logit():
    model = train.new_model(50, **TINY)
    before, after = (keras.ops.convert_to_numpy(model([[1, 2, 3, last]]).logits) for last in (4, 9))
    np.testing.assert_allclose(before[:, :3], after[:, :3], atol=1e-6)
    assert np.abs(before[:, 3] - after[:, 3]).max() > 1e-3


def test_the_rate_goes_up_in_a_line_and_down_to_a_twentieth():
    rates = [train.policy(step, 8000)[0] for step in range(8000)]
    assert rates[99] == pytest.approx(train.RATE / 2) and rates[199] == pytest.approx(train.RATE)
    assert rates[4100] == pytest.approx(train.RATE * (1 + train.LAST) / 2, rel=1e-3)
    assert rates[-1] == pytest.approx(train.RATE * train.LAST, rel=1e-3)
    assert np.argmax(rates) in (199, 200)


class Stop(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            raise KeyboardInterrupt


@pytest.mark.slow
def test_a_run_that_was_stopped_ends_with_the_weights_of_one_that_was_not(tmp_path):
    stream = np.random.default_rng(0).integers(0, 30, 200).astype("int32")

    def run(folder, stopped=()):
        keras.utils.set_random_seed(1)
        learner = train.learner_of(train.new_model(30, **TINY), stream, stream[:60], length=8, batch=2, epoch=3)
        watchers = [learner.train_data.source.follow(), *stopped]
        learner.fit(train.policy, 3, checkpoint_folder=tmp_path / folder, resume=True, callbacks=watchers, verbose=0)
        return learner

    whole = run("whole")
    run("broken", [Stop()])
    resumed = run("broken")
    assert resumed.history.history == whole.history.history
    for one, other in zip(resumed.model.get_weights(), whole.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.weekly
@pytest.mark.slow
def test_a_whole_small_run_leaves_a_checkpoint_that_writes_and_can_be_judged(shelf, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(corpus, "load_review_lists", lambda neutral: ((TALE,),))  # the course's own texts are many
    monkeypatch.setattr(corpus, "_passages", lambda *parts: TALE[:1])
    train.train(shelf, tmp_path / "out", 2, vocabulary=265, length=8, batch=2, epoch=3, **TINY)
    folder = tmp_path / "out" / "model"
    assert {"config.json", "generation_config.json", "model.safetensors", "tokenizer.json"} <= {
        path.name for path in folder.iterdir()
    }
    model = models.from_pretrained(folder, task="causal-lm", verbose=0)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert model.generation_config["eos_token_id"] == tokenizer.eos_token_id == tokens.END_ID

    monkeypatch.setattr(evaluate, "PROMPTS", ["The"])
    monkeypatch.setattr(evaluate, "NEW_TOKENS", 2)  # there are eight positions
    evaluate.evaluate(shelf, folder)
    printed = capsys.readouterr().out
    rows = [line.split(" | ") for line in printed.splitlines() if line.startswith("| ")][1:]
    assert [row[0] for row in rows] == ["| training", "| validation", "| test", "| passages"]
    assert all(1 < float(cell.rstrip(" |")) < 1000 for row in rows for cell in (row[3], row[5]))
    assert "drawn: The|" in printed


def test_surprises_are_those_of_the_model_with_at_least_half_a_window_before_each_token():
    model = train.new_model(20, **TINY)  # 8 positions
    stream = np.random.default_rng(0).integers(0, 20, 31).astype("int32")
    found = evaluate.surprises(model, stream, batch=2)
    assert found.shape == (30,)
    for target in (1, 8, 9, 12, 13, 30):
        # windows begin at 0, 4, 8 …, the last one at 22; a token counts in the first that reaches it
        start = next(start for start in [*range(0, 22, 4), 22] if target <= start + 8)
        logits = keras.ops.convert_to_numpy(model(stream[None, start:target]).logits)[0, -1]
        assert found[target - 1] == pytest.approx(np.log(np.exp(logits).sum()) - logits[stream[target]], abs=1e-5)


def test_perplexity_and_bits_per_byte_by_hand():
    chances = np.array([1 / 2, 1 / 8, 1 / 4, 1 / 4])
    assert evaluate.perplexity(-np.log(chances)) == pytest.approx(4)  # the geometric mean of 2, 8, 4, 4
    assert evaluate.bits_per_byte(-np.log(chances), ["añb"]) == pytest.approx((1 + 3 + 2 + 2) / 4)


# "0 1 0 1 0 2": the pairs 01 and 10 stand twice, 02 once.
ROW = np.array([0, 1, 0, 1, 0, 2])


def test_kneser_ney_by_hand():
    model = KneserNey(ROW, order=2, vocabulary=4)
    # Of pairs one stands once and two stand twice: D = 1 / (1 + 2 · 2). Before 0, 1 and 2 stands one kind of token
    # each: all three count once, none twice, so D = 1/2, and what the discounts leave is shared by four.
    assert model.discounts == [0.5, pytest.approx(0.2)]
    single = [(1 - 0.5) / 3 + 0.5 * 3 / 3 / 4] * 3 + [0.5 * 3 / 3 / 4]
    np.testing.assert_allclose([model.probabilities([w])[0] for w in range(4)], single)
    # Behind 0 stand three tokens of two kinds, 1 twice and 2 once.
    behind_0 = [
        0.2 * 2 / 3 * single[0],
        (2 - 0.2) / 3 + 0.2 * 2 / 3 * single[1],
        (1 - 0.2) / 3 + 0.2 * 2 / 3 * single[2],
        0.2 * 2 / 3 * single[3],
    ]
    np.testing.assert_allclose([model.probabilities([0, w])[1] for w in range(4)], behind_0)
    # Behind 3, which never stood there, nothing is known: the chances without a context.
    np.testing.assert_allclose([model.probabilities([3, w])[1] for w in range(4)], single)


def test_a_token_that_stands_often_but_behind_one_other_only_is_not_likely_elsewhere():
    # 5 "Francisco" stands three times, always behind 4 "San"; 1 stands three times, behind three others.
    row = np.array([4, 5, 0, 1, 4, 5, 2, 1, 4, 5, 3, 1])
    francisco, other = (KneserNey(row, 2, 7).probabilities([6, w])[1] for w in (5, 1))
    assert francisco < other / 2


@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_the_chances_of_all_tokens_add_up_to_one(order):
    model = KneserNey(np.random.default_rng(0).integers(0, 5, 300), order, vocabulary=6)
    for context in ([], [1], [1, 2], [5, 1], [2, 2, 3, 0, 1]):
        total = sum(model.probabilities([*context, w])[-1] for w in range(6))
        assert total == pytest.approx(1)


def test_an_order_that_the_stream_cannot_have_is_refused():
    with pytest.raises(ValueError, match="order=7: give a whole number from 1 to the stream's length, 6"):
        KneserNey(ROW, 7, 3)
