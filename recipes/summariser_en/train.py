"""Train the bundled summariser: the recipe of ``ktlearn/summariser-en``.

    python -m recipes.summariser_en.train FOLDER_WITH_TEXTS OUTPUT_FOLDER

1. A BERT becomes an encoder–decoder (`warm_start.py`), and where its decoder looks is computed (`first_look.py`).
2. On short tasks it learns to copy (`copying.py`).
3. On texts of all kinds it learns to find the principal sentences and to write them (`gap_sentences.py`).
4. On the reports it learns to write summaries; the epoch with the lowest loss on the validation reports is kept.

The three runs are kept in OUTPUT_FOLDER after each epoch; the same command goes on after a stop.
"""

import argparse
import functools
import json
from pathlib import Path

import numpy as np

import ktlearn
from ktlearn import models, schedules
from ktlearn.backend import keras
from ktlearn.data import load_reports
from ktlearn.optimizers import adamw
from ktlearn.seq2seq import TokenCrossentropy
from ktlearn.text.tokenizer import tokenizer_of
from recipes.mini_bert_en import corpus
from recipes.summariser_en import copying, few_scores
from recipes.summariser_en.batches import SummaryBatches
from recipes.summariser_en.copying import CopyTasks, spans
from recipes.summariser_en.first_look import look_where_the_copy_stands
from recipes.summariser_en.gap_sentences import LONGEST, TARGET, GapSentences, windows
from recipes.summariser_en.tokens import PAD, SEP, with_signs
from recipes.summariser_en.warm_start import warm_start

BATCH = {"copying": 64, "gap sentences": 16, "reports": 8}
WIDTHS = {
    "copying": (copying.LONGEST, copying.TARGET),
    "gap sentences": (LONGEST, TARGET),
    "reports": (LONGEST, TARGET),
}
RATE = {"copying": 1e-3, "gap sentences": 5e-4, "reports": 2e-4}
EPOCHS = {"copying": 4, "gap sentences": 3, "reports": 7}
STEPS = {"copying": 100, "gap sentences": 200}  # in an epoch; one of the reports has all of them
# What keeps a model from learning examples by heart is in the way while there are always new ones.
SMOOTHING = {"copying": 0.0, "gap sentences": 0.0, "reports": 0.1}
DROPOUT = {"copying": 0.0, "gap sentences": 0.0, "reports": 0.1}
DECODER_LAYERS = 2
WARM_UP = 0.1
HELD_OUT = 200  # texts whose gap sentences tell how the first run goes


def begin(start, seed=0, **shape):
    """The model before any training, and its tokenizer.

    Args:
        start: the BERT to begin with: a folder or a name.
        seed: for the weights that BERT does not have.
        **shape: see :func:`recipes.summariser_en.warm_start.warm_start`.
    """
    tokenizer, begins_with = with_signs(tokenizer_of(start))
    return warm_start(models.from_pretrained(start, verbose=0), begins_with, seed, **shape), tokenizer


def compiled(model, stage):
    """The model, ready for a run whose loss looks at candidates only."""
    for part in (model, *model.encoder.layers, *model.decoder.layers):
        part.dropout.rate = DROPOUT[stage]
    loss = few_scores.OfCandidates(model, TokenCrossentropy(label_smoothing=SMOOTHING[stage], pad_id=PAD))
    model.compile(adamw(RATE[stage]), loss, weighted_metrics=[few_scores.AccuracyOfCandidates(model)])
    return model


def tokens_of(tokenizer, reports):
    """Source and target ids of a table of reports, as :class:`SummaryBatches` wants them: always the same."""
    sources = tokenizer(list(reports["report"]))["input_ids"]
    targets = [[*row, SEP] for row in tokenizer(list(reports["summary"]), add_special_tokens=False)["input_ids"]]
    return lambda rng: (sources, targets)


def always(draw, seed):
    """What is held out is the same in all epochs, so that they can be compared."""
    fixed = draw(np.random.default_rng(seed))
    return lambda rng: fixed


def run(stage, model, train, validation, folder, epochs, seed):
    """One run, from where it stopped; the model then has the weights of its best epoch."""
    options = dict(seed=seed, widths=WIDTHS[stage], vocab_size=model.vocab_size)
    batches = [SummaryBatches(draw, BATCH[stage], i == 0, **options) for i, draw in enumerate((train, validation))]
    with few_scores.without_scores(model):
        learner = ktlearn.get_learner(compiled(model, stage), *batches)
        policy = functools.partial(schedules.warm_up, max_learning_rate=RATE[stage], share=WARM_UP)
        history = learner.fit(
            policy, epochs, checkpoint_folder=folder, resume=True, callbacks=[learner.train_data.source.follow()]
        ).history
    if len(history.get("val_loss", [])) < epochs:
        raise SystemExit(f"stopped; what is done so far is in {folder}, and the same command goes on.")  # Ctrl-C
    best = int(np.argmin(history["val_loss"]))
    model.load_pretrained(folder / "best")
    figures = {name: round(float(row[best]), 4) for name, row in history.items() if len(row) == epochs}
    print(json.dumps({"stage": stage, "best epoch": best + 1} | figures), flush=True)


def train(folder, output, start="ktlearn/mini-bert-en", epochs=EPOCHS, seed=0, after=None, **shape):
    """Train, and write the model with its tokenizer into ``output/model``; see the text at the top of this module.

    Args:
        folder, output: folders, with texts and for what is made.
        start: the BERT to begin with.
        epochs: of each run.
        seed: for all that is drawn.
        after: the name of a run: it and those before it are left out, and their best model is taken from ``output``.
        **shape: of the model, as in :func:`begin`.
    """
    keras.utils.set_random_seed(seed)
    output = Path(output)
    model, tokenizer = begin(start, seed, **shape)
    reports, validation = load_reports("train"), load_reports("validation")
    texts = corpus.read(folder)
    pieces = windows(tokenizer, [*texts[HELD_OUT:], *reports["report"]])
    held_out = windows(tokenizer, texts[:HELD_OUT])
    counts = {"texts in pieces": len(pieces), "held out": len(held_out), "reports": len(reports)}
    print(json.dumps(counts | dict(parameters=model.count_params())), flush=True)

    stages = list(EPOCHS)
    folders = {stage: output / stage.replace(" ", "_") for stage in stages}
    data = {
        "copying": lambda: (copies(pieces), always(CopyTasks(held_out, 5 * len(held_out)), seed)),
        "gap sentences": lambda: (gaps(pieces), always(GapSentences(held_out), seed)),
        "reports": lambda: [tokens_of(tokenizer, part) for part in (reports, validation)],
    }
    if after is None:
        looks = look_where_the_copy_stands(model, *spans(pieces, np.random.default_rng(seed)), seed)
        print(json.dumps({"looks at the right place": [round(look, 3) for look in looks]}), flush=True)
    else:
        model.load_pretrained(folders[after] / "best")
        stages = stages[stages.index(after) + 1 :]
    for stage in stages:
        run(stage, model, *data[stage](), folders[stage], epochs[stage], seed)
    model.save_pretrained(output / "model")
    tokenizer.save_pretrained(output / "model")


def copies(pieces):
    """The short tasks of an epoch, as :class:`SummaryBatches` wants them."""
    return CopyTasks(pieces, BATCH["copying"] * STEPS["copying"])


def gaps(pieces):
    """The gap sentences of an epoch."""
    return GapSentences(pieces, number=BATCH["gap sentences"] * STEPS["gap sentences"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="holds the texts that recipes/mini_bert_en/corpus.py names")
    parser.add_argument("output", help="for the runs and the model")
    parser.add_argument("--start", default="ktlearn/mini-bert-en", help="the BERT to begin with: a folder or a name")
    parser.add_argument("--decoder-layers", type=int, default=DECODER_LAYERS, help="the first so many of the BERT's")
    for stage, epochs in EPOCHS.items():
        parser.add_argument(f"--{stage.replace(' ', '-')}", type=int, default=epochs, help="epochs of this run")
    parser.add_argument("--after", choices=list(EPOCHS)[:-1], help="leave out this run and those before it")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", default="float32", help="mixed_bfloat16: where the processor multiplies bfloat16")
    args = parser.parse_args()
    keras.config.set_dtype_policy(args.dtype)
    epochs = {stage: getattr(args, stage.replace(" ", "_")) for stage in EPOCHS}
    train(args.folder, args.output, args.start, epochs, args.seed, args.after, decoder_layers=args.decoder_layers)


if __name__ == "__main__":
    main()
