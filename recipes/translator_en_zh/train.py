"""Train the bundled translator from English to Chinese: the recipe of ``ktlearn/translator-en-zh``.

    python -m recipes.translator_en_zh.train FOLDER_WITH_TATOEBA OUTPUT_FOLDER --epochs 30

A small Marian, the Transformer of the paper as the opus-mt translators are published, so that whatever reads one of
these reads ours. The run is kept in OUTPUT_FOLDER/run after each epoch; the same command goes on after a stop.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np

import ktlearn
from ktlearn import models, schedules
from ktlearn.backend import keras
from ktlearn.optimizers import adamw
from ktlearn.seq2seq import TokenAccuracy, TokenCrossentropy
from recipes.translator_en_zh import pairs, tokens
from recipes.translator_en_zh.batches import PairBatches

VOCABULARY = 4000
SHAPE = dict(
    d_model=256,
    encoder_layers=3,
    decoder_layers=3,
    encoder_attention_heads=4,
    decoder_attention_heads=4,
    encoder_ffn_dim=1024,
    decoder_ffn_dim=1024,
    activation_function="swish",
    scale_embedding=True,
    max_position_embeddings=tokens.LONGEST,
    dropout=0.2,  # 27,000 short sentences are few: they could be learned by heart
    attention_dropout=0.0,
    activation_dropout=0.0,
)
RATE, WARM_UP = 5e-4, 0.1
SMOOTHING = 0.1


def new_model(vocabulary=VOCABULARY, seed=0, **shape):
    """A Marian with random weights."""
    from transformers import MarianConfig

    special = dict(pad_token_id=tokens.PAD, decoder_start_token_id=tokens.PAD, eos_token_id=tokens.EOS)
    special |= dict(forced_eos_token_id=tokens.EOS, bos_token_id=None)
    config = MarianConfig(vocab_size=vocabulary, **SHAPE | shape, **special)
    return models.from_config(config, task="seq2seq", seed=seed)


def learner_of(model, tokenizer, train, validation, seed=0):
    """The model, compiled, and its data in one learner."""
    data = [[tokens.ids(tokenizer, side) for side in part] for part in (train, validation)]
    model.compile(
        optimizer=adamw(RATE),
        loss=TokenCrossentropy(label_smoothing=SMOOTHING, pad_id=tokens.PAD),
        weighted_metrics=[TokenAccuracy(pad_id=tokens.PAD)],
    )
    batches = [PairBatches(*sides, shuffle=i == 0, seed=seed) for i, sides in enumerate(data)]
    return ktlearn.get_learner(model, *batches)


def policy(step, steps):
    """The rate: up during the first tenth of the run, then down to zero in a straight line."""
    return schedules.warm_up(step, steps, RATE, share=WARM_UP)


def train(folder, output, epochs, seed=0, vocabulary=VOCABULARY, **shape):
    """Train, keep the best epoch by validation loss, and write it with its tokenizer into ``output/model``."""
    keras.utils.set_random_seed(seed)
    train_pairs, validation, test = pairs.split(pairs.read(folder), seed)
    tokenizer = tokens.learn(train_pairs, vocabulary)
    model = new_model(len(tokenizer), seed, **shape)
    learner = learner_of(model, tokenizer, train_pairs, validation, seed)
    counts = dict(train=len(train_pairs.english), validation=len(validation.english), test=len(test.english))
    print(json.dumps(counts | dict(parameters=model.count_params())), flush=True)
    run = Path(output) / "run"
    callbacks = [learner.train_data.source.follow()]
    history = learner.fit(policy, epochs, checkpoint_folder=run, resume=True, callbacks=callbacks).history
    if len(history.get("val_loss", [])) < epochs:  # Ctrl-C: what is done so far is in the run
        return
    best = int(np.argmin(history["val_loss"]))
    print(json.dumps({"best epoch": best + 1} | {k: v[best] for k, v in history.items()}))
    target = Path(output) / "model"
    shutil.copytree(run / "best", target, dirs_exist_ok=True)
    tokenizer.save_pretrained(target)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="holds tatoeba_en_zh.tsv.gz")
    parser.add_argument("output", help="for the run and the model")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", default="float32", help="mixed_bfloat16: where the processor multiplies bfloat16")
    args = parser.parse_args()
    keras.config.set_dtype_policy(args.dtype)
    train(args.folder, args.output, args.epochs, args.seed)


if __name__ == "__main__":
    main()
