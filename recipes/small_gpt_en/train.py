"""Train the bundled GPT: the recipe of ``ktlearn/small-gpt-en``.

    python -m recipes.small_gpt_en.train FOLDER_WITH_TEXTS OUTPUT_FOLDER

A small GPT-2, under GPT-2's names, so that whatever reads a published GPT-2 reads ours. The run is kept in
OUTPUT_FOLDER/run every few minutes; the same command goes on after a stop. The model of the best validation loss is
written to OUTPUT_FOLDER/model.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

import ktlearn
from ktlearn import models, schedules
from ktlearn.backend import keras
from ktlearn.models import checkpoint, keymap
from ktlearn.optimizers import adamw
from ktlearn.support.atomic import atomic_folder
from recipes.small_gpt_en import corpus, tokens
from recipes.small_gpt_en.batches import Windows

VOCABULARY = 8000
LENGTH, BATCH = 256, 8
SHAPE = dict(n_positions=LENGTH, n_embd=256, n_layer=4, n_head=4)
DROPOUT = 0.1
RATE, WARM_UP, LAST = 1e-3, 200, 0.05  # the highest rate; the steps up to it; the share of it at the end
EPOCH = 400  # steps between two looks at the validation text
EPOCHS = 12


def new_model(vocabulary=VOCABULARY, seed=0, **shape):
    """A GPT-2 with random weights."""
    from transformers import GPT2Config

    special = dict.fromkeys(("bos_token_id", "eos_token_id", "pad_token_id"), tokens.END_ID)
    # None among the attention weights: drawing (B, H, L, L) random numbers would be an eighth of a step's time.
    quiet = dict(resid_pdrop=DROPOUT, embd_pdrop=DROPOUT, attn_pdrop=0.0)
    config = GPT2Config(vocab_size=vocabulary, **quiet, **SHAPE | shape, **special)
    return models.from_config(config, task="causal-lm", seed=seed)


def learner_of(model, train, validation, length=LENGTH, batch=BATCH, epoch=EPOCH, seed=0):
    """The model, compiled, and its two streams of ids in one learner."""
    model.compile(optimizer=adamw(RATE), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    data = Windows(train, length, batch, epoch, seed), Windows(validation, length, batch)
    return ktlearn.get_learner(model, *data)


def policy(step, steps):
    """The rate: up in a straight line, then down along half a cosine to a twentieth."""
    up = min(WARM_UP, max(1, steps // 10))
    if step < up:
        return RATE * (step + 1) / up, None
    falling, _ = schedules.sgdr(step - up, steps - up, RATE, cycle=steps - up)
    return RATE * LAST + (1 - LAST) * falling, None


def train(
    folder, output, epochs=EPOCHS, seed=0, vocabulary=VOCABULARY, length=LENGTH, batch=BATCH, epoch=EPOCH, **shape
):
    """Train, and write the best epoch's model with its tokenizer into ``output/model``; see the top of this module."""
    keras.utils.set_random_seed(seed)
    output = Path(output)
    parts = corpus.read(folder)
    tokenizer = tokens.learn(parts["train"], vocabulary, length)
    streams = {part: tokens.stream(tokenizer, parts[part]) for part in ("train", "validation")}
    model = new_model(len(tokenizer), seed, **dict(n_positions=length) | shape)
    learner = learner_of(model, *streams.values(), length, batch, epoch, seed)
    passes = epochs * epoch / learner.train_data.source.per_pass
    counts = {f"{part} tokens": len(stream) for part, stream in streams.items()}
    say(counts | dict(parameters=model.count_params(), steps=epochs * epoch, passes=round(passes, 2)))
    watchers = [learner.train_data.source.follow(), Log()]
    run = dict(checkpoint_folder=output / "run", resume=True)
    history = learner.fit(policy, epochs, **run, callbacks=watchers, verbose=0).history
    if len(history.get("val_loss", [])) < epochs:  # Ctrl-C: what is done so far is in the run
        return
    (output / "history.json").write_text(json.dumps({name: history[name] for name in ("loss", "val_loss")}) + "\n")
    best = models.from_pretrained(output / "run" / "best", task="causal-lm", verbose=0)
    save(best, tokenizer, output / "model")


class Log(keras.callbacks.Callback):
    """One line of figures after each epoch: both losses, and the seconds that it took."""

    def on_epoch_begin(self, epoch, logs=None):
        self.start = time.time()

    def on_epoch_end(self, epoch, logs=None):
        figures = {name: round(float(value), 4) for name, value in logs.items()}
        say({"epoch": epoch + 1, **figures, "seconds": round(time.time() - self.start)})


def save(model, tokenizer, folder):
    """Write the model with its tokenizer in Hugging Face's layout, the weights as float16."""
    from safetensors.numpy import save_file

    # GPT-2 computes in float32, as the config says; the file holds half of the digits.
    tensors = {name: np.ascontiguousarray(array, "float16") for name, array in keymap.extract(model).items()}
    with atomic_folder(folder) as draft:
        checkpoint.write(model, draft)  # also config.json and generation_config.json
        save_file(tensors, str(Path(draft) / checkpoint.WEIGHTS), metadata={"format": "pt"})
        tokenizer.save_pretrained(draft)


def say(figures):
    print(json.dumps(figures), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="holds books/ and tatoeba_en_zh.tsv.gz, see the README")
    parser.add_argument("output", help="for the run and the model")
    parser.add_argument("--epochs", type=int, default=EPOCHS, help=f"of {EPOCH} steps each")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", default="float32", help="mixed_bfloat16: where the processor multiplies bfloat16")
    args = parser.parse_args()
    keras.config.set_dtype_policy(args.dtype)
    train(args.folder, args.output, args.epochs, args.seed)


if __name__ == "__main__":
    main()
