"""Made-up reviews of mixed lengths, the same in every Python: the material of the benchmark.

Only the lengths matter for the speed: on BERT's WordPiece tokenizer 512 texts have about 57 tokens on
average, 95 % at most 119, the longest 191. The two classes differ in their adjectives, with some noise,
so that a model that learns does better than chance.
"""

import math
import random

PRAISE = ["superb", "moving", "wise", "tender", "gripping", "lively", "graceful", "vivid", "sincere", "funny"]
BLAME = ["dull", "clumsy", "stale", "shrill", "hollow", "sloppy", "lifeless", "bland", "murky", "tedious"]
SUBJECTS = ["the plot", "the cast", "the music", "her voice", "his brother", "the last chapter", "the kitchen"]
VERBS = ["seemed", "felt", "was", "remained", "became", "sounded", "looked", "turned"]
LINKS = ["and then", "but later", "while outside", "because of that", "on the second evening", "so", "although"]
FILLERS = ["almost", "quite", "again", "still", "hardly", "perhaps", "rather", "never", "always", "somehow"]

NOISE = 0.25  # share of the adjectives that belong to the other class
MIDDLE, SPREAD = 45, 0.6  # of the number of words: log-normal
SHORTEST, LONGEST = 6, 185  # words


def make_texts(count, seed):
    """``count`` texts and their labels: 1 for praise, 0 for blame, half of each.

    >>> texts, labels = make_texts(4, seed=1)
    >>> sorted(labels)
    [0, 0, 1, 1]
    """
    rng = random.Random(seed)
    labels = [i % 2 for i in range(count)]
    rng.shuffle(labels)
    return [_text(rng, label) for label in labels], labels


def _text(rng, label):
    length = round(math.exp(rng.gauss(math.log(MIDDLE), SPREAD)))
    length = min(LONGEST, max(SHORTEST, length))
    words = []
    while len(words) < length:
        adjectives = PRAISE if (rng.random() > NOISE) == bool(label) else BLAME
        clause = [rng.choice(SUBJECTS), rng.choice(VERBS), rng.choice(FILLERS), rng.choice(adjectives)]
        clause += [",", rng.choice(LINKS)] if rng.random() < 0.6 else ["."]
        words += " ".join(clause).split(" ")
    text = " ".join(words[:length])
    return text.replace(" ,", ",").replace(" .", ".") + " ."
