"""The recipe of the bundled summariser: pieces that give text back, a BERT poured into a BART, a whole small run."""

import json

import numpy as np
import pandas as pd
import pytest
from transformers import BertConfig

from ktlearn import models
from ktlearn.data import load_reports
from ktlearn.text.rouge import words
from ktlearn.text.sentences import sentences
from ktlearn.text.tokenizer import tokenizer_of
from recipes.pack import pack
from recipes.summariser_en import copying, evaluate, few_scores, first_look, gap_sentences, train
from recipes.summariser_en.batches import SummaryBatches, rectangle
from recipes.summariser_en.selector import Selector
from recipes.summariser_en.tokens import CLS, MASK, PAD, SEP, with_signs
from recipes.summariser_en.warm_start import warm_start

MINI = "ktlearn/mini-bert-en"


@pytest.fixture(scope="module")
def pieces():
    return with_signs(tokenizer_of(MINI))


@pytest.fixture(scope="module")
def small_bert():
    shape = dict(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    return models.from_config(BertConfig(vocab_size=20_000, max_position_embeddings=256, **shape), seed=1)


def test_summaries_and_nearly_all_reports_come_back_as_they_were(pieces):
    tokenizer, _ = pieces
    table = pd.concat([load_reports(part) for part in ("train", "validation", "test")])
    for column, share in (("summary", 1.0), ("report", 0.99)):
        rows = tokenizer(list(table[column]))["input_ids"]
        back = tokenizer.batch_decode(rows, skip_special_tokens=True)
        assert np.mean([ours == theirs for ours, theirs in zip(back, table[column], strict=True)]) >= share


def test_no_report_and_no_summary_is_longer_than_a_batch_is_wide(pieces):
    tokenizer, _ = pieces
    for part in ("train", "validation", "test"):
        table = load_reports(part)
        sources, targets = train.tokens_of(tokenizer, table)(None)
        assert max(map(len, sources)) <= gap_sentences.LONGEST
        assert max(map(len, targets)) <= gap_sentences.TARGET


def test_a_mark_stands_before_capitals_and_a_sign_within_a_word_belongs_to_it(pieces):
    tokenizer, begins_with = pieces
    found = tokenizer.tokenize("On Monday the town's 3,200 half-price seats.")
    expected = ["↑", "on", "↑", "monday", "the", "town", "##'", "##s", "3", "##,"]
    assert found[: len(expected)] == expected and found[-5:] == ["half", "-", "price", "seats", "."]
    twice = tokenizer.convert_tokens_to_ids(["↑", "↑", "on", "↑", "3", "↑"])
    assert tokenizer.decode(twice) == "On 3"
    old = tokenizer_of(MINI)
    assert len(begins_with) == len(tokenizer) > len(old)
    assert begins_with[: len(old)].tolist() == list(range(len(old)))  # every old piece keeps its number


def test_the_encoder_computes_what_the_bert_computes(small_bert):
    model = warm_start(small_bert)
    ids = np.array([[CLS, 70, 900, 41, SEP], [CLS, 8, SEP, PAD, PAD]])
    real = (ids != PAD).astype("int32")
    expected = small_bert({"input_ids": ids, "attention_mask": real}).last_hidden_state
    memory, *_ = model.encode(ids, attention_mask=real)
    np.testing.assert_allclose(np.asarray(memory)[real == 1], np.asarray(expected)[real == 1], atol=2e-3)


def test_the_decoder_begins_as_the_bert_too_but_its_look_at_the_source_is_new(small_bert):
    model = warm_start(small_bert, seed=0)
    for ours, theirs in zip(model.decoder.layers, small_bert.encoder.layers, strict=True):
        for one, other in zip(ours.attention.weights, theirs.attention.weights, strict=True):
            np.testing.assert_array_equal(one, other)
        assert not np.allclose(ours.cross_attention.query.kernel, theirs.attention.query.kernel)
    assert len(warm_start(small_bert, decoder_layers=1).decoder.layers) == 1


def test_a_new_piece_begins_with_the_vector_of_one_that_is_like_it(small_bert):
    begins_with = np.array([*range(20_000), 41])
    matrix = np.asarray(warm_start(small_bert, begins_with).embedding.embeddings)
    np.testing.assert_array_equal(matrix[-1], matrix[41])


def test_windows_are_whole_neighbouring_sentences_of_about_a_reports_length(pieces):
    tokenizer, _ = pieces
    report = load_reports("train")["report"].iloc[0]
    found = gap_sentences.windows(tokenizer, [" ".join([report] * 3), "Too short. Is it?"])
    assert 2 <= len(found) <= 4
    for whole, rows in found:
        assert " ".join(whole) in " ".join([report] * 3)
        assert gap_sentences.SHORTEST <= 2 + sum(map(len, rows)) <= gap_sentences.LONGEST


def test_the_principal_sentences_share_most_words_with_the_others():
    whole = ["The old bridge closed on Monday.", "Rain fell.", "On Monday the bridge lost a stone.", "Nobody cared."]
    assert gap_sentences.principal(whole, [[7] * 9] * 4) == [0, 2]
    assert gap_sentences.principal(whole, [[7] * 99, [7] * 9, [7] * 9, [7] * 9])[-1] != 0  # too long for a target


def test_a_hidden_run_is_one_mask_and_the_share_is_about_what_was_asked():
    rng = np.random.default_rng(0)
    row = list(range(10, 2010))
    hidden = gap_sentences.hide(rng, row, share=0.2)
    kept = [token for token in hidden if token != MASK]
    assert kept == sorted(kept) and 0.14 < 1 - len(kept) / len(row) < 0.24
    assert hidden.count(MASK) < len(row) - len(kept)
    assert gap_sentences.hide(rng, row, share=0.0) == row


def test_targets_are_whole_whatever_is_hidden_and_each_epoch_hides_other_words(pieces):
    tokenizer, _ = pieces
    texts = list(load_reports("train")["report"].head(3))
    draw = gap_sentences.GapSentences(gap_sentences.windows(tokenizer, texts))
    rng = np.random.default_rng(0)
    (sources, targets), (again, same) = draw(rng), draw(rng)
    assert targets == same and sources != again
    draw.number = 2
    assert all(target in targets for target in draw(rng)[1]) and len(draw(rng)[1]) == 2
    for text, target in zip(texts, targets, strict=True):
        assert target[-1] == SEP and MASK not in target
        assert words(tokenizer.decode(target, skip_special_tokens=True)) == [
            word for sentence in sentences(text) if sentence in tokenizer.decode(target) for word in words(sentence)
        ]


def test_the_decoder_reads_the_target_one_position_late():
    batches = SummaryBatches(lambda rng: ([[CLS, 9, SEP]], [[7, 8, SEP]]), 4)
    inputs, labels = batches[0]
    assert labels[0, :4].tolist() == [7, 8, SEP, PAD]
    assert inputs["decoder_input_ids"][0, :4].tolist() == [CLS, 7, 8, SEP]
    assert inputs["attention_mask"].sum() == 3 and inputs["input_ids"].shape == (1, gap_sentences.LONGEST)


def test_what_is_too_long_loses_its_middle_and_keeps_its_end():
    assert rectangle([[CLS, 5, 6, 7, SEP], [CLS, SEP]], 4).tolist() == [[CLS, 5, 6, SEP], [CLS, SEP, PAD, PAD]]


def test_an_epoch_is_drawn_anew_and_in_another_order_only_in_training():
    def draw(rng):
        return [[CLS, i, SEP] for i in range(10, 17)], [[int(rng.integers(100, 10_000)), SEP] for _ in range(7)]

    fixed, shuffled = SummaryBatches(draw, 3), SummaryBatches(draw, 3, shuffle=True)
    assert len(fixed) == 3 and len(shuffled) == 2  # the rest is left out of a training epoch only
    assert [row[1] for inputs, _ in map(fixed.__getitem__, range(3)) for row in inputs["input_ids"]] == [*range(10, 17)]
    first = shuffled[0][1].copy()
    shuffled.follow().on_epoch_begin(1)
    assert not np.array_equal(first, shuffled[0][1])
    again = SummaryBatches(draw, 3, shuffle=True)  # as in a run that goes on after a stop
    again.follow().on_epoch_begin(1)
    assert np.array_equal(again[0][1], shuffled[0][1])


@pytest.fixture(scope="module")
def report_windows(pieces):
    return gap_sentences.windows(pieces[0], list(load_reports("train")["report"].head(60)))


def test_what_is_to_be_copied_stands_in_the_source_and_not_always_at_its_beginning(report_windows):
    draw = copying.CopyTasks(report_windows, 40)
    sources, targets = draw(np.random.default_rng(0))
    begins = []
    for source, target in zip(sources, targets, strict=True):
        assert len(source) <= copying.LONGEST and len(target) <= copying.TARGET and target[-1] == SEP
        text, part = (" ".join(map(str, row)) for row in (source, target[:-1]))
        assert f" {part} " in text
        begins.append(text.index(f" {part} "))
    assert len(set(begins)) > 10
    assert draw(np.random.default_rng(1)) != (sources, targets)


def test_correlated_directions_score_high_what_belongs_together():
    rng = np.random.default_rng(0)
    common = rng.normal(size=(2000, 3))
    x, y = (np.hstack([common, rng.normal(size=(2000, 5))]) @ rng.normal(size=(8, 8)) + 7 for _ in range(2))
    mean_x, queries, mean_y, keys = first_look.correlated(x[:1000], y[:1000])
    scores = ((x[1000:1050] - mean_x) @ queries) @ ((y[1000:1050] - mean_y) @ keys).T
    better = (scores > np.diag(scores)[:, None]).sum(axis=1)  # of the 49 that do not belong to it
    assert better.mean() < 8


def test_the_first_look_finds_what_is_to_be_copied_before_any_training(report_windows):
    model, _ = train.begin(MINI, decoder_layers=1)
    spans = copying.spans(report_windows, np.random.default_rng(0), number=100)
    sources, targets, begins = spans
    assert (sources[np.arange(100), begins] == targets[:, 0]).all()
    (share,) = first_look.look_where_the_copy_stands(model, *spans)
    assert share > 0.15  # blindly it would be a ninety-sixth


def test_candidates_hold_all_that_is_in_the_batch_and_give_the_labels_back():
    labels, sources = np.array([[7, 9, PAD], [8, PAD, PAD]]), np.array([[CLS, 7, 11, SEP], [CLS, 8, SEP, PAD]])
    found = few_scores.with_candidates(labels, sources, 100, np.random.default_rng(0), count=20)
    places, candidates = found[:, :3], found[0, 3:]
    assert (np.abs(candidates)[places] == labels).all() and candidates[0] == PAD
    there = {*labels.ravel(), *sources.ravel()}
    assert set(candidates[candidates >= 0]) == there
    assert len(set(np.abs(candidates))) == 20
    with pytest.raises(ValueError, match="7 different tokens"):
        few_scores.with_candidates(labels, sources, 100, np.random.default_rng(0), count=6)


def test_the_loss_of_candidates_is_about_that_of_all_scores(small_bert):
    model = warm_start(small_bert)
    model.head.bias.assign(np.random.default_rng(1).normal(size=model.head.bias.shape))
    labels, sources = np.array([[70, 900, SEP]]), np.array([[CLS, 70, 900, 41, SEP]])
    inputs = {"input_ids": sources, "decoder_input_ids": np.array([[CLS, 70, 900]])}
    whole = float(train.TokenCrossentropy()(labels, model(inputs).logits))
    with few_scores.without_scores(model):
        output = model(inputs)
    assert output.logits is None and model(inputs).logits is not None
    few = few_scores.OfCandidates(model, train.TokenCrossentropy())
    found = [
        float(few(few_scores.with_candidates(labels, sources, 20_000, np.random.default_rng(i)), output[1]))
        for i in range(5)
    ]
    assert np.mean(found) == pytest.approx(whole, abs=0.05) and np.std(found) > 0
    accuracy = few_scores.AccuracyOfCandidates(model)
    model.head.bias.assign(30.0 * (np.arange(20_000) == 900)[None])  # it says 900 everywhere
    accuracy.update_state(few_scores.with_candidates(labels, sources, 20_000, np.random.default_rng(0)), output[1])
    assert float(accuracy.result()) == pytest.approx(1 / 3)


@pytest.mark.slow
@pytest.mark.weekly
def test_a_whole_small_run_goes_on_after_a_stop_and_is_packed_and_judged(tmp_path, monkeypatch, small_bert, capsys):
    small_bert.save_pretrained(tmp_path / "bert")
    tokenizer_of(MINI).save_pretrained(tmp_path / "bert")
    reports = load_reports("train").head(16)
    monkeypatch.setattr(train, "load_reports", lambda part: reports)
    monkeypatch.setattr(train, "HELD_OUT", 2)
    monkeypatch.setattr(train, "STEPS", {"copying": 1, "gap sentences": 1})
    monkeypatch.setattr(train.corpus, "read", lambda folder: list(reports["report"]))
    for _ in range(2):  # the second time nothing is left to do
        train.train(tmp_path, tmp_path / "out", tmp_path / "bert", {"copying": 1, "gap sentences": 1, "reports": 2})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    assert lines[:5] == lines[5:]
    assert [line.get("stage") for line in lines[:5]] == [None, None, "copying", "gap sentences", "reports"]

    pack(tmp_path / "out" / "model", tmp_path / "packed", num_beams=2)
    packed = models.from_pretrained(tmp_path / "packed", task="seq2seq", verbose=0)
    assert packed.generation_config["num_beams"] == 2
    short = dict(min_new_tokens=0, max_new_tokens=8)
    found = evaluate.written(packed, tokenizer_of(tmp_path / "packed"), reports.head(2), **short)
    assert len(found) == 2
    figures = evaluate.figures(found, reports.head(2), {"the"})
    assert figures["ROUGE-1"] < figures["ROUGE-1 from, to"][1] + 0.1


def test_a_summary_like_the_reference_has_all_points_and_lead_has_its_own():
    asked = load_reports("validation")
    lead = [" ".join(sentences(report)[:2]) for report in asked["report"]]
    baseline = evaluate.rouge_of(lead, asked)
    best = evaluate.figures(list(asked["summary"]), asked, set(), baseline)
    assert best["ROUGE-1"] == best["ROUGE-L"] == 100
    same = evaluate.figures(lead, asked, set(), baseline)
    assert same["ROUGE-2 beside lead-2"] == [0, 0] and same["names in the report"] == same["numbers in the report"] == 1
    low, high = same["ROUGE-1 from, to"]
    assert low < same["ROUGE-1"] < high


def test_the_selector_learns_where_the_news_stands():
    rng = np.random.default_rng(0)
    reports = [
        [" ".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 9)) + f" {i}{j}." for j in range(6)] for i in range(60)
    ]
    vectors = [rng.normal(size=(6, 4)) for _ in reports]
    summaries = [report[-1] for report in reports]  # of these, it is always the last sentence
    chosen = Selector().fit(reports[:50], vectors[:50], summaries[:50])
    for report, vector in zip(reports[50:], vectors[50:], strict=True):
        assert chosen.scores(report, vector).argmax() == 5
