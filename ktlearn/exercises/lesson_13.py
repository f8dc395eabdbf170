"""The exercises of lesson 13, Language models."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_13_machine import (
    check_13_5,
    check_13_6,
    check_13_7,
    check_13_8,
    check_13_9,
    check_13_10,
    check_13_12,
    solution_13_5,
    solution_13_6,
    solution_13_7,
    solution_13_8,
    solution_13_9,
    solution_13_10,
    solution_13_12,
)
from ktlearn.exercises.lesson_13_writing import (
    check_13_1,
    check_13_2,
    check_13_3,
    check_13_4,
    check_13_11,
    solution_13_1,
    solution_13_2,
    solution_13_3,
    solution_13_4,
    solution_13_11,
)

EXERCISES = [
    Exercise(
        "13.1",
        "Perplexity on paper",
        minutes=5,
        difficulty=1,
        check=check_13_1,
        solution=solution_13_1,
        why="The product of the four is 0.0025 = 1/400, so the perplexity is the fourth root of 400, √20. One bad "
        "guess among good ones counts as a factor, not as a summand.",
        hints=(
            "The mean of −ln p over the four tokens, then e to it.",
            "Or shorter: multiply the four probabilities.",
            "0.5 · 0.1 · 0.2 · 0.25 = 1/400. The perplexity is its fourth root, turned over.",
        ),
    ),
    Exercise(
        "13.2",
        "The nucleus",
        minutes=3,
        difficulty=1,
        check=check_13_2,
        solution=solution_13_2,
        why="The nucleus is as small as possible with *at least* top_p. So there is always one token in it, however "
        "small top_p is.",
        hints=(
            "Sort the tokens by probability.",
            "Add up from the likeliest on, and stop as soon as the sum reaches 0.75.",
            "0.4 + 0.3 = 0.7 is not enough yet.",
        ),
    ),
    Exercise(
        "13.3",
        "All knobs in one function",
        minutes=15,
        difficulty=2,
        check=check_13_3,
        solution=solution_13_3,
        why="The order matters: temperature first, as it changes how much probability the best tokens have; then "
        "top-k; then top-p, with the probabilities that top-k has left. So do transformers and ktlearn.",
        hints=(
            "Three steps: softmax of scores / temperature; the top_k best, divided by their sum; then the nucleus.",
            "np.argsort(-p)[:top_k] gives the best; np.cumsum(best) - best is what the likelier ones have together.",
            "Keep where that is below top_p, put 0 elsewhere, and divide by the sum once more.",
        ),
    ),
    Exercise(
        "13.4",
        "Bits per byte",
        minutes=8,
        difficulty=1,
        check=check_13_4,
        solution=solution_13_4,
        why="The tokens have disappeared from the result: that is why models with different tokenizers can be compared "
        "by it, as section 6 does.",
        hints=(
            "How many nats does the whole text cost?",
            "A nat is 1 / ln 2 bits.",
            "len(text.encode()) is the number of bytes in UTF-8.",
        ),
    ),
    Exercise(
        "13.5",
        "RMSNorm with NumPy",
        minutes=6,
        difficulty=1,
        check=check_13_5,
        solution=solution_13_5,
        why="Beside LayerNorm, two things are gone: the mean and beta. eps stands inside the root, as in the published "
        "models; for small vectors it makes a difference.",
        hints=(
            "Which axis is one token's vector?",
            "The mean of x² over the last axis, keepdims=True.",
            "x / np.sqrt(mean + eps) * gamma",
        ),
    ),
    Exercise(
        "13.6",
        "Turn it by its position",
        minutes=12,
        difficulty=2,
        check=check_13_6,
        solution=solution_13_6,
        why="With a cache one token comes at a time, and it stands at position 57, not at 0. So real code takes the "
        "positions from outside, as your function does.",
        hints=(
            "Take turn from section 7, and put positions in place of np.arange(L).",
            "Entries 0 … d_k/2 − 1 are the a's, the rest the b's: x[..., :half] and x[..., half:].",
            "angles = positions[:, None] * 10_000.0 ** (-np.arange(half) / half)",
        ),
    ),
    Exercise(
        "13.7",
        "Find the bug: three in one",
        minutes=8,
        difficulty=2,
        check=check_13_7,
        solution=solution_13_7,
        why="All shapes fit, so nothing stops, and the model writes nonsense. Only a comparison of logits finds such a "
        "bug. (Some checkpoints, such as BLOOM's, do mix the three, head by head: read how a file is made.)",
        hints=(
            "What is kernel[:, 0::3] for a kernel with six columns?",
            "Query, key and value lie side by side: the first D columns are the query's.",
            "kernel[:, n * D : (n + 1) * D] and bias[n * D : (n + 1) * D] for n = 0, 1, 2.",
        ),
    ),
    Exercise(
        "13.8",
        "How large is the cache?",
        minutes=5,
        difficulty=1,
        check=check_13_8,
        solution=solution_13_8,
        why="12.3 MB. With 14 heads of keys and values it would be 86 MB: seven times as much, for each user who "
        "writes at the same time.",
        hints=(
            "What is kept for one token in one layer?",
            "Keys and values of 2 heads with 64 numbers each: 2 · 2 · 64 numbers, with 2 bytes each.",
            "Times 24 layers, times 1,000 tokens.",
        ),
    ),
    Exercise(
        "13.9",
        "Find the bug: what counts",
        minutes=8,
        difficulty=2,
        check=check_13_9,
        solution=solution_13_9,
        why="Position i reads token i and is judged by token i + 1. So the first token of the answer is asked for at "
        "the last token of the prompt; with her weights the model never learns how an answer begins.",
        hints=(
            "Write a row with a prompt of 2 and an answer of 2 tokens, and below it the labels, shifted.",
            "At which position is the first token of the answer the label?",
            "The 1s stand from prompt − 1 to prompt + reply − 2, both included.",
        ),
    ),
    Exercise(
        "13.10",
        "Read a map",
        minutes=5,
        difficulty=1,
        check=check_13_10,
        solution=solution_13_10,
        why="This is an *induction head*: it finds an earlier copy of the token and looks at what came after it, here "
        "'ran'. So a model can go on with a pattern that stands in its prompt (Olsson and others 2022).",
        hints=(
            "A row is the token that looks.",
            "Follow the last row to its darkest cell.",
            "It is the third column.",
        ),
    ),
    Exercise(
        "13.11",
        "Experiment: less text",
        minutes=12,
        difficulty=2,
        check=check_13_11,
        solution=solution_13_11,
        why="Fewer texts, shorter beginnings: a long one is then seen too rarely to count on. A network has the same "
        "trouble, and the same cure: more text, or a smaller model.",
        hints=(
            'Make NGram(texts["train"][: len(texts["train"]) // 10]), and the same with 50.',
            'For each, ngram_bits(model, texts["validation"], n) for n from 0 to 6.',
            "min(range(7), key=bits.get) is the best n.",
        ),
    ),
    Exercise(
        "13.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_13_12,
        solution=solution_13_12,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "What is perplexity counted per? Is that the same thing for both models?",
            "On which texts was it measured, and which will your customers write?",
            "Does a model that predicts a text well say what is true?",
        ),
    ),
]
