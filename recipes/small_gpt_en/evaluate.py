"""How good the bundled GPT is, on texts that it has never seen, beside an n-gram model that has read the same.

    python -m recipes.small_gpt_en.evaluate FOLDER_WITH_TEXTS OUTPUT_FOLDER/model

Both models say a chance for the very same tokens, every token but the first end. Perplexity is e to the mean surprise
of a token; it can only be compared where the tokens are the same. Bits per byte are the whole surprise shared out over
the bytes of the text, so that models with different tokens can be compared.

A row with a training text is the check for overfitting: where it is much better than the validation text beside it,
the model has begun to learn by heart.
"""

import argparse

import numpy as np

from ktlearn import models
from ktlearn.backend import keras, ops
from ktlearn.generate import generate
from ktlearn.text.tokenizer import tokenizer_of
from recipes.small_gpt_en import corpus, tokens
from recipes.small_gpt_en.ngram import KneserNey

ORDERS = range(1, 6)
PROMPTS = ["Once upon a time", "The old house stood", '"I do not believe you," said', "Tom went to the market"]
NEW_TOKENS = 40


def surprises(model, stream, batch=8):
    """``-log p`` of each token but the first, by all that stands before it and fits, ``(N - 1,)``, in nats.

    The model reads windows of its full length, each half a window further on; of a window those tokens count that
    none before it had. So each token but the first ones has at least half a window before it.

    Args:
        model: for task "causal-lm".
        stream: token ids ``(N,)``, two or more.
        batch: windows that are read at once.
    """
    last = len(stream) - 1
    length = min(model.max_positions, last)
    starts = np.array([*range(0, last - length, max(1, length // 2)), last - length])
    found, done = np.empty(last), 0
    for first in range(0, len(starts), batch):
        chosen = starts[first : first + batch]
        rows = stream[chosen[:, None] + np.arange(length + 1)]  # (B, L + 1)
        logits = model({"input_ids": rows[:, :-1]}).logits
        nats = keras.losses.sparse_categorical_crossentropy(rows[:, 1:], logits, from_logits=True)  # (B, L)
        for start, row in zip(chosen, ops.convert_to_numpy(nats), strict=True):
            end = start + length
            found[done:end] = row[done - start :]
            done = end
    return found


def perplexity(nats):
    """e to the mean surprise: among so many tokens, all alike, the model would be as unsure.

    >>> round(perplexity(np.log([4.0, 4.0, 16.0, 1.0])), 6)
    4.0
    """
    return float(np.exp(np.mean(nats)))


def bits_per_byte(nats, texts):
    """The whole surprise in bits, shared out over the bytes of the texts in UTF-8.

    >>> round(bits_per_byte(np.log([2.0] * 6), ["één"]), 6)  # é takes two bytes
    1.2
    """
    return float(np.sum(nats) / np.log(2) / sum(len(text.encode()) for text in texts))


def texts_to_judge(parts):
    """The held-out parts, and as much of one training book as there is validation text: a dictionary of lists."""
    wanted = sum(map(len, parts["validation"]))
    longest = max(parts["train"], key=len)
    return {"training": [longest[:wanted]]} | {name: parts[name] for name in ("validation", "test", "passages")}


def best_ngram(train, validation, vocabulary, orders=ORDERS):
    """The n-gram model whose order is the best one on the validation stream; prints what each order has."""
    best = None
    for order in orders:
        ngram = KneserNey(train, order, vocabulary)
        figure = perplexity(-np.log(ngram.probabilities(validation)[1:]))
        print(f"{order}-grams: perplexity {figure:.1f} on the validation text", flush=True)
        if best is None or figure < best[0]:
            best = figure, ngram
    return best[1]


def table(model, ngram, tokenizer, texts):
    """Print one row a text: its tokens and bytes, and of both models perplexity and bits per byte."""
    print("\n| text | tokens | bytes | GPT: perplexity | bits per byte | n-grams: perplexity | bits per byte |")
    print("|---|---|---|---|---|---|---|")
    for name, documents in texts.items():
        stream = tokens.stream(tokenizer, documents)
        cells = [f"{len(stream) - 1:,}", f"{sum(len(text.encode()) for text in documents):,}"]
        for nats in (surprises(model, stream), -np.log(ngram.probabilities(stream)[1:])):
            cells += [f"{perplexity(nats):.1f}", f"{bits_per_byte(nats, documents):.3f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


def samples(model, tokenizer):
    """Print how the model goes on: with the likeliest token each time, and with drawn ones."""
    ways = {"likeliest": {}, "drawn": dict(do_sample=True, temperature=0.8, top_k=50, seed=0)}
    for way, options in ways.items():
        for prompt in PROMPTS:
            written = generate(model, prompt, tokenizer, max_new_tokens=NEW_TOKENS, **options).text
            print(f"\n{way}: {prompt}|{written}", flush=True)


def evaluate(folder, checkpoint):
    """Print all of it."""
    parts = corpus.read(folder)
    model = models.from_pretrained(checkpoint, task="causal-lm", verbose=0)
    tokenizer = tokenizer_of(checkpoint)
    train, validation = (tokens.stream(tokenizer, parts[part]) for part in ("train", "validation"))
    ngram = best_ngram(train, validation, len(tokenizer))
    table(model, ngram, tokenizer, texts_to_judge(parts))
    samples(model, tokenizer)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", help="holds books/ and tatoeba_en_zh.tsv.gz, see the README")
    parser.add_argument("checkpoint", help="the folder of the model")
    args = parser.parse_args()
    evaluate(args.folder, args.checkpoint)


if __name__ == "__main__":
    main()
