"""The exercises of lesson 15, cost and scale. Their checks are in lesson_15_counting.py and lesson_15_saving.py."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_15_counting import (
    check_15_1,
    check_15_2,
    check_15_3,
    check_15_4,
    check_15_9,
    solution_15_1,
    solution_15_2,
    solution_15_3,
    solution_15_4,
    solution_15_9,
)
from ktlearn.exercises.lesson_15_saving import (
    check_15_5,
    check_15_6,
    check_15_7,
    check_15_8,
    check_15_10,
    check_15_11,
    check_15_12,
    solution_15_5,
    solution_15_6,
    solution_15_7,
    solution_15_8,
    solution_15_10,
    solution_15_11,
    solution_15_12,
)

EXERCISES = [
    Exercise(
        "15.1",
        "Count a smaller BERT",
        minutes=8,
        difficulty=1,
        check=check_15_1,
        solution=solution_15_1,
        why="DistilBERT, as it was published, has 66,362,880 parameters. Six layers less, without pooler and "
        "segments: 40 % fewer parameters, since the table of tokens stays as it was.",
        hints=(
            "First the embedding: vectors for tokens and positions, and one norm.",
            "A layer: 4D² + 4D, 2DF + F + D, and 4D.",
            "(V + P)·D + 2D + 6 · layer",
        ),
    ),
    Exercise(
        "15.2",
        "Before the first text",
        minutes=6,
        difficulty=1,
        check=check_15_2,
        solution=solution_15_2,
        why="16 bytes for each parameter, before the first text. With LoRA only the thousandth that learns has "
        "its 12 bytes more: the frozen weights are what is left, and these could be stored in 16 or 8 bits.",
        hints=(
            "How many bytes does a weight have in training, with its gradient and Adam's two averages?",
            "Frozen weights have 4 bytes, those that learn 16.",
            "16 · 3 GB; 4 · 3 GB and 12 · 0.003 GB.",
        ),
    ),
    Exercise(
        "15.3",
        "All operations of a step",
        minutes=10,
        difficulty=2,
        check=check_15_3,
        solution=solution_15_3,
        why="The rule of six is the same without the term in n: 3 · 2 for each weight of a layer. For long texts "
        "the term in n is not small.",
        hints=(
            "Begin with one token in one layer: the table of section 2.",
            "Times n tokens, B texts, N layers.",
            "3 · B · n · N · (8D² + 4nD + 4DF)",
        ),
    ),
    Exercise(
        "15.4",
        "Where do they meet?",
        minutes=6,
        difficulty=2,
        check=check_15_4,
        solution=solution_15_4,
        why="8D² + 4nD = 4DF gives n = F − 2D. The narrower the feed-forward network, the earlier attention is "
        "the larger part.",
        hints=(
            "Set attention with its projections equal to the network, with F and D as letters.",
            "8D² + 4nD = 4DF: divide by 4D.",
            "n = F − 2D",
        ),
    ),
    Exercise(
        "15.5",
        "Find the bug: the last part is smaller",
        minutes=8,
        difficulty=2,
        check=check_15_5,
        solution=solution_15_5,
        why="Each part has the mean over its own rows. A mean of means is the mean of all only when all parts "
        "have the same size; else each counts with its rows.",
        hints=(
            "Ten rows in parts of four: how many rows has the last part?",
            "A part's gradient is a mean over its rows: multiply it by their number.",
            "Add up len(part) * gradient, divide by len(x).",
        ),
    ),
    Exercise(
        "15.6",
        "A matrix in eight bits",
        minutes=10,
        difficulty=2,
        check=check_15_6,
        solution=solution_15_6,
        why="Rounding moves a number by half a step at most, and a step is a 127th of the column's largest. One "
        "very large number in a column makes its step large for all others: that is what spoils 8 bits in "
        "practice.",
        hints=(
            "The largest size in each column, np.abs(matrix).max(axis=0), becomes 127.",
            "scales = largest / 127; divide the matrix by it.",
            "np.round(matrix / scales).astype('int8'), scales",
        ),
    ),
    Exercise(
        "15.7",
        "The exponent of a power law",
        minutes=8,
        difficulty=2,
        check=check_15_7,
        solution=solution_15_7,
        why="ln L = ln c − α ln N: a straight line in logarithms, with the slope −α. A fit without logarithms "
        "would care for the largest losses only.",
        hints=(
            "What is a straight line in a plot with two logarithmic axes?",
            "np.polyfit(np.log(sizes), np.log(losses), 1) gives slope and height.",
            "alpha is the slope with its sign turned.",
        ),
    ),
    Exercise(
        "15.8",
        "Read the curves",
        minutes=5,
        difficulty=1,
        check=check_15_8,
        solution=solution_15_8,
        why="With little text, a larger model has nothing to learn from: its line becomes flat, and even rises. "
        "More parameters and more text have to grow together (Hoffmann et al. 2022).",
        hints=(
            "The first question is about the upper line: compare neighbouring points.",
            "From 4 to 8 million it falls from 3.98 to 3.93.",
            "The second: 3.36 at 8 million, 3.19 at 16.",
        ),
    ),
    Exercise(
        "15.9",
        "Is a second machine worth it?",
        minutes=8,
        difficulty=2,
        check=check_15_9,
        solution=solution_15_9,
        why="Sending takes longer than computing: two machines on a slow network are slower than one. With larger"
        " batches, faster networks or a gradient in 16 bits it would look different.",
        hints=(
            "110 million gradients of 4 bytes; a byte has 8 bits.",
            "Half of the batch takes 2 seconds; then they send.",
            "[3.52, 5.52, 0.72]",
        ),
    ),
    Exercise(
        "15.10",
        "Experiment: a thousand small steps",
        minutes=8,
        difficulty=2,
        check=check_15_10,
        solution=solution_15_10,
        why="Between 1 and 2, bfloat16 has steps of 1/128. A thousandth is less than half of such a step, so "
        "every single addition is rounded away. That is why the weights themselves stay in float32.",
        hints=(
            "After each addition, cast the sum: ops.cast(total, 'bfloat16').",
            "What is 1.001 in bfloat16? Section 6 printed it.",
            "The first ends at 2, the second never leaves its place.",
        ),
    ),
    Exercise(
        "15.11",
        "Choose the way",
        minutes=6,
        difficulty=2,
        check=check_15_11,
        solution=solution_15_11,
        why="Ask first what is too large: activations (recompute, smaller batches), optimizer (LoRA, freeze), the"
        " file (8 bits), or the whole model (distil).",
        hints=(
            "For each case: what exactly is too large or too slow?",
            "In a, not even one text fits; in b, training is over.",
            "a recompute, b 8 bits; c is about many copies, d about a model that is too large.",
        ),
    ),
    Exercise(
        "15.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_15_12,
        solution=solution_15_12,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "What does section 4 say of texts that are shorter than 2D?",
            "Where does the time of a short text go?",
            "Say what you would measure, and what you would try.",
        ),
    ),
]
