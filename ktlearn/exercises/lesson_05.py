"""The exercises of lesson 05, Encoder and decoder."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_05_machine import (
    check_5_1,
    check_5_2,
    check_5_3,
    check_5_4,
    check_5_5,
    check_5_6,
    solution_5_1,
    solution_5_2,
    solution_5_3,
    solution_5_4,
    solution_5_5,
    solution_5_6,
)
from ktlearn.exercises.lesson_05_writing import (
    check_5_7,
    check_5_8,
    check_5_9,
    check_5_10,
    check_5_11,
    check_5_12,
    solution_5_7,
    solution_5_8,
    solution_5_9,
    solution_5_10,
    solution_5_11,
    solution_5_12,
)

EXERCISES = [
    Exercise(
        "5.1",
        "One step to the right",
        minutes=4,
        difficulty=1,
        check=check_5_1,
        solution=solution_5_1,
        why="At position t the decoder reads the tokens before t and must write token t. So its input is the labels, "
        "one position later, with `<start>` in front. The last label has nobody who reads it.",
        hints=(
            "At the first position nothing has been written yet. Which token does the decoder read there?",
            "Input and labels have the same shape. One label must go: which one is never read?",
            "np.concatenate([a column of start tokens, labels[:, :-1]], axis=1).",
        ),
    ),
    Exercise(
        "5.2",
        "Find the bugs: three masks",
        minutes=10,
        difficulty=2,
        check=check_5_2,
        solution=solution_5_2,
        why="Her triangle looked forward: np.triu opens the future, np.tril the past. Her | asked for one of "
        "two conditions where both must hold. And her last mask hid the padding of the target; in the cross-attention "
        "the keys are those of the source. None of the three raises an error where S and T are the same.",
        hints=(
            "Print the masks of a small batch: source [[5, 6, 0]], target [[7, 8, 9, 0]]. What may row 0 see?",
            "For each of the three, ask first: whose tokens are the keys?",
            "Look at np.triu, at |, and at the last of the three results.",
        ),
    ),
    Exercise(
        "5.3",
        "Who asks, who answers",
        minutes=8,
        difficulty=2,
        check=check_5_3,
        solution=solution_5_3,
        why="The target asks, so the queries come from `x`. The source answers: keys and values come from the memory. "
        "The output has one row for each target token, whatever the length of the source.",
        hints=(
            "Three products with matrices. One of them starts from x, two from memory.",
            "The scores are (B, T, S). np.swapaxes(k, -1, -2) turns the keys around. The mask hides columns.",
            "np.where(is_word[:, None, :], scores, -1e30), then the softmax over the last axis, then @ v.",
        ),
    ),
    Exercise(
        "5.4",
        "Predict: who feels it?",
        minutes=8,
        difficulty=2,
        check=check_5_4,
        solution=solution_5_4,
        why="Two roads lead to a logit: the past of the target, and the whole source. What a mask hides, and "
        "what only the loss reads, moves no logit. The order of the source counts, through its position vectors.",
        hints=(
            "Which masks stand between the change and a position? And does a layer read it at all?",
            "A position of the target sees itself, what stands before it, and all of the source but its padding.",
            "The labels are no input. Padding at the end is hidden: behind the source by two masks, behind the target "
            "by the causal one.",
        ),
    ),
    Exercise(
        "5.5",
        "The floor of the loss",
        minutes=8,
        difficulty=2,
        check=check_5_5,
        solution=solution_5_5,
        why="A cross-entropy is smallest when the model says exactly what the target says. What is left is the "
        "entropy of the target itself. Nobody can get below it.",
        hints=(
            "The loss is smallest when the model's probabilities are the smoothed target itself.",
            "One token has the probability 1 - ε + ε / V, and V - 1 tokens have ε / V each.",
            "Add up -p log p over all V tokens.",
        ),
    ),
    Exercise(
        "5.6",
        "A warm-up to order",
        minutes=5,
        difficulty=1,
        check=check_5_6,
        solution=solution_5_6,
        why="At step = warmup both branches of the formula are 1 / √warmup, so the peak is 1 / √(d_model · warmup). "
        "Solve for warmup: 1 / (d_model · peak²).",
        hints=(
            "Where is the rate highest? Put this step into the formula.",
            "At step = warmup the rate is 1 / √d_model · 1 / √warmup.",
            "peak² = 1 / (d_model · warmup). Solve for warmup.",
        ),
    ),
    Exercise(
        "5.7",
        "One round of beam search",
        minutes=15,
        difficulty=2,
        check=check_5_7,
        solution=solution_5_7,
        why="All continuations of all beams stand in one list, and the cut is made over all of them together. So two "
        "children of one beam may stay, and another beam may die out. That is how a search changes its mind.",
        hints=(
            "Make one long list first: each beam, made longer by each token. How many entries has it?",
            "The probability of a longer beam is a product, so its logarithm is a sum: log_p + more.",
            "sorted(longer, key=lambda beam: beam[1], reverse=True)[:num_beams].",
        ),
    ),
    Exercise(
        "5.8",
        "Beam search",
        minutes=20,
        difficulty=3,
        check=check_5_8,
        solution=solution_5_8,
        why="Each round makes every open beginning longer by every token, and keeps the best `num_beams` of all. "
        "A finished target costs nothing more, so it simply waits. With one beam this is greedy search.",
        hints=(
            "Take your round of exercise 5.7, in a loop over max_length. What is new are the finished beams.",
            "A finished beam ends with 0. It goes into the long list as it is, with the score it has.",
            "Sort the whole list, finished and longer beams together, keep the first num_beams, and go on. At the end "
            "return the tokens of the first.",
        ),
    ),
    Exercise(
        "5.9",
        "Sampling with a temperature",
        minutes=15,
        difficulty=2,
        check=check_5_9,
        solution=solution_5_9,
        why="A token with the probability 0.3 has 0.3 of the line. A u that falls anywhere with the same chance lies "
        "there in 30 of 100 draws. Dividing the logits by a large temperature makes them alike, so the parts of the "
        "line become alike; a small one gives nearly all of it to the best token, and sampling becomes greedy search.",
        hints=(
            "First the probabilities: softmax(logits / temperature). Then where does each part of the line end?",
            "np.cumsum(p) holds the ends of the parts. The id is the first whose end lies beyond u.",
            "int((np.cumsum(p) <= u).sum()) counts the parts that end before u.",
        ),
    ),
    Exercise(
        "5.10",
        "Read three maps",
        minutes=5,
        difficulty=1,
        check=check_5_10,
        solution=solution_5_10,
        why="A row has the name of what it writes, and its dark cell shows where that was found. So the order of the "
        "dark cells is the order of the target: month, day, year in English, year, month, day in Chinese, day, month, "
        "year in German. Rows at the tag write what depends on no word of the source: spaces, 年, the full stop.",
        hints=(
            "Write under each row what it looks at: a digit of the year, of the month, of the day, or the tag.",
            "Which of the three languages begins with the year? In which map do the first rows look at 1, 9, 8, 7?",
            "The month is the 3. It is written by row 0 in English, by row 5 in Chinese, by row 4 in German.",
        ),
    ),
    Exercise(
        "5.11",
        "How many centuries?",
        minutes=20,
        difficulty=3,
        check=check_5_11,
        solution=solution_5_11,
        why="One century more teaches one more beginning, 22, and the model takes it for one more habit. The wider the "
        "span, the more the digits differ, and the less a list of beginnings helps, until copying each digit is all "
        "that is left. Your shares will differ from these: how the model guesses where it was never taught is luck.",
        hints=(
            "Begin every training from the same weights, or the second one profits from the first.",
            "dates_and_numbers([(1950, 2049), (2200, last)], seed=3), then train(…, rounds=2, peak=0.002, seed=None).",
            "Put it into a loop over last in (2299, 2999, 9999), and note judge((2100, 2199))[0].",
        ),
    ),
    Exercise(
        "5.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_5_12,
        solution=solution_5_12,
        why="The check looks for four points, not for good sentences: compare yours with this one. A number is worth "
        "what was asked: ask for what the user gets, in the way in which she gets it.",
        hints=(
            "What does the decoder read while the accuracy of tokens is measured? And what when a user works with it?",
            "A date has about ten tokens. How often are ten in a row right, if each is right in 99 of 100 cases?",
            "0.99 ** 10 is about 0.90. Which number of this lesson counts whole texts, written without a teacher?",
        ),
    ),
]
