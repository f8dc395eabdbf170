"""Bad inputs over the public API, as a table: who is called, and for each of its arguments what it is given.

A row is ``(area, name of the call, call, {argument: bad values})``; ``call(s, argument=value)`` makes the call, with
everything else right. ``ALSO`` holds the words by which a message may call an argument instead of its name.
"""

import numpy as np
import pandas as pd

NAN, INF = float("nan"), float("inf")
X, Y = ["bad film", "good film", "bad plot", "good book"], [0, 1, 0, 1]
NAMED = ["negative", "positive"]
FRAME = pd.DataFrame({"text": X, "label": Y})
HALVES = [[0.5, 0.5], [0.5, 0.5]]
EYE = np.eye(2, dtype="float32")

COUNT = [0, "8", 2.5, True, -1, NAN, INF, [3], b"8", {}]
NEEDED = [*COUNT, None]
FLAG = ["no", 1, None, 0.0, []]
SHARE = ["0.1", 20, 0, -0.5, True, NAN, None, []]
SEED = ["abc", -1, 1.5, 2**40, True, []]
PATH = [None, 5, "", "a\0b", b"x", []]
RATE = ["x", None, -1, 0, NAN, INF, True, 1000, [], b"1"]
MOMENTUM = ["x", None, 2, -1, NAN, True, []]
NUMBER = ["x", None, -1, NAN, True]
WIDTH = [0, "x", None, -4, 1.5, True, []]
DROPOUT = [5, "x", -1, None, NAN, True, 1]
LIST = [None, "ab", ["a"], 5, {"a", "b"}]
TEXTS = ["one string", None, 5, [], [None], [5], {"a": 1}, b"bytes", [b"x"], ["a", ("b", "c")]]
FEW_TEXTS = [None, 5, [], [None], [5], {"a": 1}, b"x", [b"x"]]
NAMES = [
    *({"a", "b"}, 5, "ab", ["a", None], ["a", 1], [1.5, 2.5], [["a"], ["b"]], ["a", ""], ["a", "\ud800"], {"a": 0}),
]
LABELS = [
    *(None, 5, "abcd", [0, 1], {0: 1}, ["a", None, "b", "c"], [0, 1, 2, 7], [0, -1, 0, 1], [0.5, 1, 0, 1]),
    *([label, 1, 0, 1] for label in (None, NAN, INF, "x", b"x", 9, -1, 0.5, 10**30, {}, [0, 1])),
]


def call(find, **usual):
    """Call what ``find(s)`` gives, with the usual arguments but for the one that is given."""

    def made(s, **given):
        right = {name: value(s) if callable(value) else value for name, value in usual.items()}
        return find(s)(**right | given)

    return made


def first(find, *others, **usual):
    """The same where the argument is the first one, and has no name that a reader would use."""

    def made(s, **given):
        return find(s)(*given.values(), *others, **usual)

    return made


def checkpoint(s):
    return s.checkpoint


TEXT = [
    (
        "Transformer",
        call(lambda s: s.text.Transformer, model_name=checkpoint),
        {
            **{"model_name": PATH, "maxlen": [*COUNT, 2, 10**6], "batch_size": COUNT, "class_names": NAMES},
            **{"classes": NAMES, "is_regression": FLAG, "use_with_learner": FLAG},
        },
    ),
    (
        "preprocess_train",
        call(lambda s: s.t().preprocess_train, texts=X, y=Y),
        {"texts": [*TEXTS, *([t, "b", "c", "d"] for t in (None, 5, b"x", NAN, {}))], "y": LABELS},
    ),
    (
        "preprocess_train with a mode",
        call(lambda s: s.t().preprocess_train, texts=X, y=Y, preprocess_mode="bert"),
        {"preprocess_mode": ["distilbert", "x", 5, ""], "val_pct": SHARE, "random_state": SEED},
    ),
    (
        "preprocess_test",
        call(lambda s: s.fitted().preprocess_test, texts=X, y=Y),
        {"texts": TEXTS, "y": [5, [0], ["neutral"] * 4, [9] * 4, [[0, 1, 0]] * 4, [[1, 1]] * 4]},
    ),
    ("seqlen_stats", call(lambda s: s.t().seqlen_stats), {"texts": TEXTS}),
    ("get_classifier", call(lambda s: s.t().get_classifier), {"metrics": [5, "auc", ["nosuch"], [5], {}]}),
    (
        "texts_from_array",
        call(lambda s: s.text.texts_from_array, x_train=X, y_train=Y, class_names=NAMED),
        {
            **{"x_train": TEXTS, "y_train": LABELS, "class_names": NAMES},
            **{"maxlen": [*COUNT, 2], "val_pct": SHARE, "random_state": SEED, "is_regression": FLAG},
            "preprocess_mode": [None, 5, "", "logreg", "fasttext"],
        },
    ),
    (
        "texts_from_array with a test set",
        call(lambda s: s.text.texts_from_array, x_train=X, y_train=Y, x_test=X, y_test=Y, class_names=NAMED),
        {"x_test": TEXTS, "y_test": [None, 5, [0], ["neutral"] * 4, [9] * 4, [[1, 1]] * 4]},
    ),
    (
        "texts_from_df",
        call(lambda s: s.text.texts_from_df, train_df=FRAME, text_column="text", label_columns="label"),
        {
            "train_df": [None, 5, X, {"text": X}],
            "val_df": [5, X, FRAME[:0]],
            "text_column": [None, "nosuch", 2.5, b"text", True, ["text", "a", "b"], ["text", "nosuch"], [], "label"],
            "label_columns": [None, "nosuch", 2.5, b"label", True, [], ["label", "nosuch"], ["label"] * 2, "text"],
        },
    ),
    (
        "texts_from_csv",
        call(
            lambda s: s.text.texts_from_csv, train_filepath=lambda s: s.csv, text_column="text", label_columns="label"
        ),
        {
            **{"train_filepath": [*PATH, "/no/such.csv"], "val_filepath": [5, "", "/no/such.csv"]},
            **{"encoding": [5, "klingon", [], b"utf-8"], "sep": [5, None, "", []]},
            **{"quoting": ["3", 4, None, True, -1], "header": ["0", 3, True, -1], "is_regression": FLAG},
            "text_column": [None, "nosuch", 5, []],
        },
    ),
    (
        "texts_from_folder",
        call(lambda s: s.text.texts_from_folder, datadir=lambda s: s.folder),
        {
            **{"datadir": [*PATH, "/no/such"], "encoding": [5, "klingon"]},
            "train_test_names": [None, "train", [], ["a", "b", "c"], ["nosuch"], [5], 5],
            "classes": ["ab", 5, ["a"], ["negative", "nosuch"], {"a": 1}, [5, 6]],
        },
    ),
    (
        "text_classifier",
        call(
            lambda s: s.text.text_classifier, name=checkpoint, train_data=lambda s: s.trn, preproc=lambda s: s.fitted()
        ),
        {
            "name": ["bert", "logreg", "nbsvm", None, 5, ""],
            **{"train_data": [None, 5, X, (X, Y)], "preproc": [None, 5, "t"], "metrics": [5, ["nosuch"]]},
        },
    ),
]
PREDICTOR = [
    (
        "get_predictor",
        call(lambda s: s.kt.get_predictor, model=lambda s: s.model, preproc=lambda s: s.fitted()),
        {"model": [None, 5, "m"], "preproc": [None, 5, "t"], "batch_size": NEEDED},
    ),
    (
        "load_predictor",
        call(lambda s: s.kt.load_predictor, fpath=lambda s: s.saved),
        {"fpath": PATH, "batch_size": NEEDED},
    ),
    (
        "predict",
        call(lambda s: s.predictor.predict, texts="a film"),
        {"texts": FEW_TEXTS, "return_proba": FLAG},
    ),
    (
        "predict_proba",
        call(lambda s: s.predictor.predict_proba, texts="a film"),
        {"texts": FEW_TEXTS, "with_names": FLAG},
    ),
    (
        "explain",
        call(lambda s: s.predictor.explain, text="good film"),
        {
            "text": [None, 5, [], ["a", "b", "c"], b"x", "", "  "],
            **{"method": ["lime", None, 5, ""], "target": ["nosuch", 5, "", ["a"]]},
        },
    ),
    (
        "attention",
        call(lambda s: s.predictor.attention, text="good film"),
        {
            **{"text": [None, 5, [], b"x", ["a"]], "pair": [5, [], b"x"], "view": ["nosuch", None, 5]},
            **{"layer": [99, -1, "x", None], "nosuch": [1]},
        },
    ),
    ("save", call(lambda s: s.predictor.save), {"fpath": PATH}),
    ("export_model_to_onnx", call(lambda s: s.predictor.export_model_to_onnx), {"fpath": PATH}),
    (
        "SentenceEncoder",
        call(lambda s: s.kt.SentenceEncoder, model_name=checkpoint),
        {"model_name": PATH, "maxlen": COUNT},
    ),
    (
        "encode",
        call(lambda s: s.encoder.encode, texts=X),
        {"texts": FEW_TEXTS, "batch_size": NEEDED, "normalize": FLAG},
    ),
    ("ZeroShotClassifier", call(lambda s: s.kt.ZeroShotClassifier, model_name=checkpoint), {"model_name": PATH}),
    (
        "zero-shot predict",
        call(lambda s: s.zero_shot.predict, docs="a film", labels=["a", "b"]),
        {
            **{"docs": FEW_TEXTS, "labels": ["one", None, 5, [], ["a", "a"], [5]], "batch_size": NEEDED},
            **{"nli_template": ["x", "{} {}", None, 5], "multilabel": FLAG, "include_labels": FLAG},
        },
    ),
]
DATA = [
    (
        "load_reviews",
        call(lambda s: s.data.load_reviews),
        {
            "split": ["nosuch", 5, "", [], ["train"], b"train"],
            **{"subjects": ["nosuch", 5, [], [5], ["film", "x"], {}], "neutral": FLAG},
        },
    ),
    (
        "load_passages",
        call(lambda s: s.data.load_passages, part="train"),
        {"part": ["nosuch", None, 5, "", [], ["train"], b"train"]},
    ),
    (
        "load_reports",
        call(lambda s: s.data.load_reports, part="train"),
        {"part": ["nosuch", None, 5, "", [], ["train"], b"train"]},
    ),
    (
        "load_sentences",
        call(lambda s: s.data.load_sentences, part="test"),
        {"part": ["nosuch", None, 5, "", [], ["test"], b"test", "train"]},
    ),
    ("load_review_lists", call(lambda s: s.data.load_review_lists), {"subjects": ["nosuch", 5, []], "neutral": FLAG}),
    (
        "date_pairs",
        call(lambda s: s.data.date_pairs, split="train"),
        {
            **{"split": [None, 5, "x", "", ["train"]], "locales": ["xx", 5, None, [], [5], "z h"]},
            **{"seed": ["x", -1, 1.5, None, []], "formats": [5, None, [], [5]]},
            "years": [5, (2000, 1999), (0, 5), ("a", "b"), (1,), None, (1, 99999)],
        },
    ),
    (
        "number_pairs",
        call(lambda s: s.data.number_pairs, split="train"),
        {"split": [None, 5, "x"], "formats": ["x", 5, []], "seed": ["x", -1], "locales": ["xx", 5]},
    ),
    (
        "take",
        call(lambda s: s.data.take, pairs=lambda s: s.data.date_pairs("train"), size=2),
        {"size": NEEDED, "pairs": [None, 5, "ab", [], [("a", "b")]]},
    ),
    ("Vocabulary", call(lambda s: s.data.Vocabulary), {"texts": [None, 5, "one", [5], [], b"x"]}),
    ("Vocabulary.encode", call(lambda s: s.vocabulary.encode), {"text": [None, 5, ["a"], b"x"]}),
    ("Vocabulary.decode", call(lambda s: s.vocabulary.decode), {"ids": [[99], [-1], ["a"], [1.5], None]}),
    (
        "Vocabulary.batch",
        call(lambda s: s.vocabulary.batch, texts=["a b c"], length=8),
        {"length": NEEDED, "texts": ["one", None, 5, [5]]},
    ),
]
FIT = {
    **{"checkpoint_folder": [5, "", "a\0b", "/proc/no/x", []], "steps_per_epoch": COUNT},
    "class_weight": [{0: -1, 1: 1}, {0: NAN, 1: 1}, {0: "x"}, {7: 1.0}, "x", 5, [1.0]],
    **{"callbacks": [[5], 5, "x", [None]], "resume": FLAG, "monitor": ["val_nosuch", 5, None, ""]},
}
LEARNER = [
    (
        "get_learner",
        call(lambda s: s.kt.get_learner, model=lambda s: s.dense, train_data=lambda s: s.arrays),
        {
            **{"model": [None, 5, "m"], "train_data": [5, "d", X, ([], [])], "val_data": [5, X]},
            **{"batch_size": NEEDED, "eval_batch_size": NEEDED},
        },
    ),
    (
        "fit",
        call(lambda s: s.learner.fit, lr=1e-4, n_cycles=2, cycle_len=1, verbose=0),
        {
            **{"lr": RATE, "n_cycles": NEEDED, "cycle_len": COUNT, "cycle_mult": NEEDED, "early_stopping": COUNT},
            **{"lr_decay": ["x", None, NAN, -1, 0, True, []], **FIT},
        },
    ),
    (
        "fit_onecycle",
        call(lambda s: s.learner.fit_onecycle, lr=1e-4, epochs=1, verbose=0),
        {
            **{"lr": RATE, "epochs": NEEDED, "max_momentum": MOMENTUM, "min_momentum": [*MOMENTUM, 0.99]},
            **{"cycle_momentum": FLAG, **FIT},
        },
    ),
    (
        "autofit",
        call(lambda s: s.learner.autofit, lr=1e-4, epochs=1, verbose=0),
        {
            **{"lr": RATE, "epochs": COUNT, "monitor": ["val_nosuch", 5, None, ""], "reduce_on_plateau": COUNT},
            **{"reduce_factor": ["x", 0, -1, NAN, None, 1], "early_stopping": COUNT},
        },
    ),
    (
        "lr_find",
        call(lambda s: s.learner.lr_find, max_epochs=1, verbose=0),
        {
            **{"start_lr": RATE, "lr_mult": ["x", None, 1, 0, -1, NAN, INF, True], "max_epochs": COUNT},
            "stop_factor": ["x", None, 0, -1, NAN, True],
        },
    ),
    (
        "validate",
        call(lambda s: s.learner.validate, print_report=False),
        {
            "class_names": [5, ["a"], ["a", "b", "c"], "ab", {"a", "b"}],
            **{"save_path": [5, "", "/no/such/dir/x.csv", "/tmp", []], "val_data": [5, "x", X]},
        },
    ),
    (
        "top_losses",
        call(lambda s: s.learner.top_losses),
        {"n": ["x", -1, 2.5, True, None, (5, 2), (1, 2, 3), []], "preproc": [5, "x"], "val_data": [5, X]},
    ),
    ("plot", call(lambda s: s.trained_learner.plot), {"plot_type": ["nosuch", None, 5, []]}),
    ("freeze", call(lambda s: s.learner.freeze), {"freeze_range": [99, -1, 1.5, "nosuch", ["nosuch"], [5], True]}),
    ("unfreeze", call(lambda s: s.learner.unfreeze), {"exclude_range": [99, -1, 1.5, "nosuch"]}),
    ("set_layer_decay", call(lambda s: s.learner.set_layer_decay), {"decay": [*NUMBER, 0, 2]}),
    (
        "add_lora",
        call(lambda s: s.text_learner.add_lora, rank=4),
        {"rank": [*NEEDED, 10**12], "alpha": ["x", 0, -1, NAN, True], "layers": [5, "nosuch", [], [5], None]},
    ),
    ("set_weight_decay", call(lambda s: s.learner.set_weight_decay), {"wd": [*NUMBER, INF]}),
    ("set_lr", call(lambda s: s.learner.set_lr), {"lr": RATE}),
    ("save_model", call(lambda s: s.learner.save_model), {"fpath": PATH}),
    ("load_model", call(lambda s: s.learner.load_model), {"fpath": PATH}),
]
MODELS = [
    (
        "from_pretrained",
        call(lambda s: s.models.from_pretrained, name=checkpoint, task="classification", verbose=0),
        {"name": PATH, "task": ["x", 5, "", []], "num_labels": COUNT},
    ),
    (
        "from_config",
        call(lambda s: s.models.from_config, config=checkpoint),
        {"config": [None, 5, "", b"x", []], "seed": ["x", -1, 1.5, []], "task": ["x", 5]},
    ),
    (
        "model(…)",
        first(lambda s: s.model),
        {"inputs": ["text", None, 5, {}, [[1], [1, 2]], {"input_ids": [[10**6]]}, {"input_ids": [["a"]]}]},
    ),
]
SCHEDULES = [
    (
        "warm_up",
        call(lambda s: s.kt.schedules.warm_up, step=0, steps=9, max_learning_rate=0.1),
        {"share": ["0.1", 20, -0.5, True, NAN, None, []], "step": [-1, "x", None, NAN, 99], "steps": NEEDED},
    ),
    (
        "one_cycle",
        call(lambda s: s.kt.schedules.one_cycle, step=0, steps=9, max_learning_rate=0.1),
        {"steps": [0, "x", None, -1], "max_learning_rate": ["x", None, -1, NAN], "max_momentum": ["x", 2]},
    ),
    (
        "triangular",
        call(lambda s: s.kt.schedules.triangular, step=0, steps=9, max_learning_rate=0.1),
        {"cycle": [0, "x", None, -1]},
    ),
    (
        "sgdr",
        call(lambda s: s.kt.schedules.sgdr, step=0, steps=9, max_learning_rate=0.1, cycle=3),
        {"cycle": [0, "x", None, -1], "mult": [0, "x"], "decay": ["x", NAN]},
    ),
    (
        "adamw",
        call(lambda s: s.kt.optimizers.adamw),
        {"learning_rate": ["x", None, -1, NAN], "weight_decay": ["x", -1, NAN], "clip": ["x", -1, NAN]},
    ),
    (
        "seed_weights",
        call(lambda s: s.kt.seed_weights, model=lambda s: s.dense, seed=1),
        {"seed": ["x", -1, None, 1.5], "stddev": ["x", -1, NAN], "model": [None, 5]},
    ),
]
PLOTS = [
    (
        "attention_map",
        call(lambda s: s.kt.plots.attention_map, weights=np.eye(2), query_tokens=["a", "b"]),
        {"weights": [None, "x", [[1, 2, 3]], [["a", "b"]] * 2, 5, [[1], [1, 2]]], "query_tokens": LIST},
    ),
    (
        "head_maps",
        call(lambda s: s.kt.plots.head_maps, weights=np.ones((2, 2, 2)) / 2, query_tokens=["a", "b"]),
        {"weights": [None, "x", np.eye(2), 5], "columns": [0, "x", None, -1], "titles": LIST[1:]},
    ),
    (
        "signed_map",
        call(lambda s: s.kt.plots.signed_map, numbers=EYE, ylabel="y", xlabel="x"),
        {"numbers": [None, "x", 5, [NAN], [[NAN]]], "limit": ["x", 0, -1, NAN, []], "row_names": LIST[1:]},
    ),
    (
        "curves",
        call(lambda s: s.kt.plots.curves, x=[1, 2], lines={"a": [1, 2]}, xlabel="x", ylabel="y"),
        {"x": [None, "ab", [1, 2, 3]], "lines": [None, 5, {}, {"a": [1]}, {"a": "bc"}]},
    ),
]
SMALL = dict(source_vocab_size=9, target_vocab_size=9, d_model=8, num_heads=2, num_layers=1, d_ff=8)
SEARCH = dict(model=lambda s: s.writer, input_ids=[[3, 4]], max_length=3, start_id=1, end_id=2)
WRITE = dict(model=lambda s: s.writer, prompt=[[3, 4]], max_new_tokens=2, decoder_start_token_id=1, eos_token_id=2)
LAYERS = [
    (
        "MultiHeadAttention",
        call(lambda s: s.kt.attention.MultiHeadAttention, d_model=64, num_heads=4),
        {"d_model": ["64", None, 64.0, *WIDTH], "num_heads": ["4", None, 4.0, *WIDTH, 7], "dropout": DROPOUT},
    ),
    (
        "scaled_dot_product_attention",
        call(lambda s: s.kt.attention.scaled_dot_product_attention, q=EYE, k=EYE, v=EYE),
        {"mask": ["x", 5, [[1, 0], [0, 1]], [[1.0, NAN]]]},
    ),
    ("FeedForward", call(lambda s: s.kt.layers.FeedForward, d_model=8, d_ff=8), {"d_model": WIDTH, "d_ff": WIDTH}),
    ("activation_named", call(lambda s: s.kt.layers.activation_named), {"name": ["nosuch", 5, None, []]}),
    ("norm_named", call(lambda s: s.kt.layers.norm_named), {"name": ["nosuch", 5, None, []]}),
    ("LearnedPositions", call(lambda s: s.kt.layers.LearnedPositions), {"max_length": WIDTH}),
    (
        "RelativePositions",
        call(lambda s: s.kt.layers.RelativePositions, num_heads=2),
        {"num_heads": WIDTH, "num_buckets": WIDTH, "max_distance": WIDTH},
    ),
    ("LayerNorm", call(lambda s: s.kt.layers.LayerNorm), {"eps": ["x", None, 0, -1, NAN]}),
    ("RMSNorm", call(lambda s: s.kt.layers.RMSNorm), {"eps": ["x", None, 0, -1, NAN]}),
    (
        "EncoderLayer",
        call(lambda s: s.kt.transformer.EncoderLayer, d_model=8, num_heads=2, d_ff=8),
        {"d_k": WIDTH[:2], "dropout": DROPOUT, "attention_dropout": DROPOUT, "norm": ["nosuch", 5, []]},
    ),
    (
        "seq2seq.Transformer",
        call(lambda s: s.kt.seq2seq.Transformer, **SMALL),
        {
            **{"source_vocab_size": WIDTH, "target_vocab_size": WIDTH, "d_model": [*WIDTH, 9], "num_heads": WIDTH},
            **{"num_layers": WIDTH, "d_ff": WIDTH, "dropout": DROPOUT, "activation": ["nosuch", 5]},
        },
    ),
    ("TokenCrossentropy", call(lambda s: s.kt.seq2seq.TokenCrossentropy), {"label_smoothing": DROPOUT}),
    (
        "greedy_search",
        call(lambda s: s.kt.generate.greedy_search, **SEARCH),
        {
            **{"model": [None, 5, "m"], "input_ids": [None, "x", 5, [3], [[3], [3, 4]], [["a"]], [[1.5]], []]},
            **{"max_length": WIDTH, "start_id": [99, -1, "x", None, 1.5, 0], "end_id": [99, "x", None, 0]},
            "batch_size": WIDTH,
        },
    ),
    (
        "beam_search",
        call(lambda s: s.kt.generate.beam_search, **SEARCH),
        {"num_beams": [*WIDTH, 99], "length_penalty": ["x", None, NAN, INF, []]},
    ),
    (
        "generate",
        call(lambda s: s.kt.generate.generate, **WRITE),
        {
            **{"model": [None, 5, "m"], "prompt": [None, "x", 5, b"x", [3], [[]], [["a"]], [[1.5]], [], ["a", [3]]]},
            **{"max_new_tokens": COUNT, "num_beams": [*COUNT, 99], "batch_size": WIDTH, "return_attention": FLAG},
            **{"temperature": [0, "x", -1, NAN, True], "top_p": [0, 2, "x", NAN, True], "top_k": [-1, "x", 1.5, True]},
            **{"seed": ["x", -1, 1.5, True], "repetition_penalty": [0, "x", -1, NAN, True, []]},
            **{"no_repeat_ngram_size": [-1, "x", 1.5, True], "stop_strings": ["", 5, [1], [""], "."]},
            **{"eos_token_id": [99, "x", 1.5, [99]], "pad_token_id": [99, -1, "x", 1.5], "do_sample": ["no", 1, 0.0]},
            "nosuch": [1],
        },
    ),
    ("causal_mask", call(lambda s: s.kt.attention.causal_mask), {"length": [-1, "x", None, 2.5]}),
    ("padding_mask", call(lambda s: s.kt.attention.padding_mask), {"attention_mask": ["x", None, 5, [1, 0]]}),
    (
        "Encoder",
        call(lambda s: s.kt.transformer.Encoder, num_layers=1, d_model=8, num_heads=2, d_ff=8),
        {"num_layers": WIDTH, "dropout": DROPOUT, "d_ff": WIDTH},
    ),
    (
        "sinusoidal_positions",
        call(lambda s: s.kt.layers.sinusoidal_positions, length=8, d_model=8),
        {"length": [-1, "x", None, 1.5], "d_model": [-1, "x", None, 1.5, 0]},
    ),
]
WIDGETS = [
    (
        "AttentionView",
        call(lambda s: s.widgets.AttentionView, attentions=HALVES, tokens=["a", "b"]),
        {
            "attentions": ["x", None, [[0.5, 0.5], [0.5]], [["a", "b"]] * 2, [[-1, 2]] * 2, 5],
            **{"tokens": [*LIST, ["a", "b", "c"]], "heads": [3, [], [9], "x", [None]]},
            **{"layer": [9, -1, "x", None, 1.5], "view": ["zz", None, 5], "zoom": ["x", None, NAN, 0], "nosuch": [1]},
            "threshold": ["x", None, NAN, 2, -1],
        },
    ),
    ("export", call(lambda s: s.view.export), {"path": [*PATH, "x.gif", "/no/such/x.html"]}),
    ("update", call(lambda s: s.view.update), {"attentions": [None, "x", 5, [[1], [1, 2]]]}),
    ("minus", call(lambda s: s.view.minus), {"other": [None, 5, "v"]}),
    (
        "AttentionView.from_model",
        call(
            lambda s: s.widgets.AttentionView.from_model,
            model=lambda s: s.model,
            tokenizer=lambda s: s.fitted().tokenizer,
            text="a film",
        ),
        {
            **{"model": [None, 5, "m"], "tokenizer": [None, 5, "t"], "text": [None, 5, ["a"]], "pair": [5, ["a"]]},
            "maxlen": WIDTH[:2],
        },
    ),
    (
        "MaskPainter",
        call(lambda s: s.widgets.MaskPainter, tokens=["a", "b"]),
        {
            "tokens": ["ab", None, 5, [], [5], ["a"] * 99],
            **{"scores": ["x", [[1]], [[NAN, 1], [1, 1]], 5], "preset": ["x", None, 5]},
        },
    ),
    (
        "PositionExplorer",
        call(lambda s: s.widgets.PositionExplorer),
        {"length": [*WIDTH, 999], "d_model": [*WIDTH, 3, 99], "position": [99, "x", None]},
    ),
    (
        "SoftmaxPlayground",
        call(lambda s: s.widgets.SoftmaxPlayground, scores=[1, 2]),
        {"scores": ["x", None, [], [NAN], 5, ["a"]], "labels": LIST[1:], "d_k": WIDTH, "temperature": [0, "x", NAN]},
    ),
]
AREAS = {
    **{"text": TEXT, "predictor": PREDICTOR, "data": DATA, "learner": LEARNER, "models": MODELS},
    **{"schedules": SCHEDULES, "plots": PLOTS, "layers": LAYERS, "widgets": WIDGETS},
}
ALSO = {
    **{"classes": ("class_names", "folder"), "x_train": ("texts",), "y_train": ("y:", "y "), "x_test": ("texts",)},
    **{"y_test": ("y:", "y "), "preprocess_mode": ("is one of ktrain's",), "texts": ("text",), "y": ("y:",)},
    **{"name": ("is one of ktrain's", "model_name", "activation", "norm"), "plot_type": ("plot",), "d_model": ("d_k",)},
    **{"text_column": ("no column",), "label_columns": ("no column", "text_column"), "val_filepath": ("file",)},
    **{"train_filepath": ("file",), "datadir": ("folder",), "train_test_names": ("folder",), "fpath": ("folder",)},
    **{"train_data": ("data", "x and y"), "val_data": ("data",), "inputs": ("input_ids",), "config": ("name",)},
    **{"path": ("export",)},
}


def inputs(area, most=None):
    """``(name, argument, call, value)`` of each bad input, at most so many of an argument."""
    for name, made, arguments in AREAS[area]:
        for argument, values in arguments.items():
            for value in values[:most]:
                yield f"{name}({argument}={value!r:.40})", argument, made, value
