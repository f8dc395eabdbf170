"""The exercises of lesson 14, Small data."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_14_labels import (
    check_14_6,
    check_14_7,
    check_14_8,
    check_14_9,
    check_14_10,
    solution_14_6,
    solution_14_7,
    solution_14_8,
    solution_14_9,
    solution_14_10,
)
from ktlearn.exercises.lesson_14_measuring import (
    check_14_1,
    check_14_2,
    check_14_3,
    check_14_4,
    check_14_5,
    check_14_11,
    check_14_12,
    solution_14_1,
    solution_14_2,
    solution_14_3,
    solution_14_4,
    solution_14_5,
    solution_14_11,
    solution_14_12,
)

EXERCISES = [
    Exercise(
        "14.1",
        "Five seeds",
        minutes=8,
        difficulty=1,
        check=check_14_1,
        solution=solution_14_1,
        why="Each method alone moves by 0.03 from seed to seed, but mostly with the samples, which are the same for "
        "both. The five differences lie close together, so on this test a lead of 0.03 is certain. Unpaired, its "
        "error would be six times as large.",
        hints=(
            "Write down the difference of the two methods for each seed.",
            "The mean of five numbers has the error: their standard deviation (divide by 5 − 1), divided by √5.",
            "gap = ours - theirs; gap.mean(), gap.std(ddof=1) / 5**0.5",
        ),
    ),
    Exercise(
        "14.2",
        "How many epochs?",
        minutes=5,
        difficulty=1,
        check=check_14_2,
        solution=solution_14_2,
        why="A rule in epochs means another training for each size of the data: three epochs of 36 texts are 9 steps. "
        "On small data think in steps.",
        hints=(
            "How many batches do 36 texts make, if each holds at most 16?",
            "Three: 16, 16 and 4. Each of them is a step.",
            "100 / 3, rounded up.",
        ),
    ),
    Exercise(
        "14.3",
        "Draw a sample",
        minutes=10,
        difficulty=2,
        check=check_14_3,
        solution=solution_14_3,
        why="With 20 examples drawn without this care, 13 of one class and 7 of the other are no rarity. The figure "
        "then says something about the shares of the classes. Only do it where your labels really come like this.",
        hints=(
            "Go through np.unique(labels), one class after the other.",
            "np.flatnonzero(labels == name) are the places of a class; rng.choice draws from them.",
            "rng.choice(places, per_class, replace=False), and np.concatenate at the end.",
        ),
    ),
    Exercise(
        "14.4",
        "Find the bug: copies on both sides",
        minutes=12,
        difficulty=2,
        check=check_14_4,
        solution=solution_14_4,
        why="Whoever augments first and splits then finds copies of training texts in the validation part: the figure "
        "rises, and the model is no better. First split, then change the training part only.",
        hints=(
            "Where is the copy of a validation text?",
            "Shuffle the indices of the originals, and cut them into a quarter and the rest.",
            "train = [texts[i] for i in rest] + [augment(texts[i]) for i in rest]; labels twice, in the same order.",
        ),
    ),
    Exercise(
        "14.5",
        "Every text twice",
        minutes=5,
        difficulty=2,
        check=check_14_5,
        solution=solution_14_5,
        why="Logistic regression makes C · (sum of the losses) + penalty small. Each example twice doubles the sum, as "
        "2 · C would. So a gain after augmentation may be a gain by another C: tune C in both cases.",
        hints=(
            "Write down what logistic regression makes small. Where does C stand?",
            "What happens to a sum if every term stands in it twice?",
            "C · (2 · sum) = (2 · C) · sum.",
        ),
    ),
    Exercise(
        "14.6",
        "A test with wrong labels",
        minutes=6,
        difficulty=2,
        check=check_14_6,
        solution=solution_14_6,
        why="A perfect model would get 0.90 here. So a measured ceiling may be that of the labels: read some of the "
        "test labels yourself, before you look for a better model.",
        hints=(
            "There are four cases: the answer is right or wrong, and the label is right or wrong.",
            "In which of the four do answer and label agree, if there are two classes?",
            "0.9 · 0.9 + 0.1 · 0.1",
        ),
    ),
    Exercise(
        "14.7",
        "Suspicious labels",
        minutes=8,
        difficulty=1,
        check=check_14_7,
        solution=solution_14_7,
        why="The probabilities must come from models that have not learned this very label, so from cross-validation: "
        "a model that has learned a wrong label by heart finds nothing suspicious in it.",
        hints=(
            "You need, of each row, the probability of its own label.",
            "p[np.arange(N), labels]",
            "np.argsort of it; the first k are the least believed.",
        ),
    ),
    Exercise(
        "14.8",
        "The smallest gap",
        minutes=12,
        difficulty=2,
        check=check_14_8,
        solution=solution_14_8,
        why="With two classes, gap, entropy and largest probability give the same order. With more they do not: the "
        "gap asks for texts between two classes, the entropy for texts between many.",
        hints=(
            "np.sort(p, axis=1)[:, -2:] are the two largest probabilities of each text.",
            "Give texts that have a label a gap of infinity, so that they come last.",
            "np.argsort(gap)[:k]",
        ),
    ),
    Exercise(
        "14.9",
        "One run each",
        minutes=8,
        difficulty=2,
        check=check_14_9,
        solution=solution_14_9,
        why="This share says how often a colleague who runs each method once would see the better one ahead. It needs "
        "no normal distribution (it is the statistic of Mann and Whitney, divided by the number of pairs).",
        hints=(
            "Five runs of ours and five of theirs make 25 pairs.",
            "ours[:, None] - theirs is a table of all differences.",
            "The share of positive ones, and half the share of zeros.",
        ),
    ),
    Exercise(
        "14.10",
        "Experiment: the surest first",
        minutes=10,
        difficulty=2,
        check=check_14_10,
        solution=solution_14_10,
        why="A hundred labels, and no gain: the accuracy is lower than at the start. The model is sure of what "
        "it knows already, and each such text looks like those that it has.",
        hints=(
            "Copy `uncertain`, and take the other end of the order.",
            "argsort()[-10:] are the ten largest distances from 0.5.",
            "np.mean([grow(surest, seed)[-1] for seed in range(40)])",
        ),
    ),
    Exercise(
        "14.11",
        "Read the curves",
        minutes=5,
        difficulty=1,
        check=check_14_11,
        solution=solution_14_11,
        why="Two curves that cross have no winner, only a size from which on the other one is better. Read a curve "
        "along its height, too: it says how many labels the one method saves.",
        hints=(
            "A is the solid line, B the dashed one.",
            "Look at 200 and at 400: which line is the higher one?",
            "0.80: A has it at 100, and B?",
        ),
    ),
    Exercise(
        "14.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_14_12,
        solution=solution_14_12,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "How often was each of the two trained, and on which samples?",
            "How many test emails are there, and how sure is a share of them?",
            "What else could she do with the time, or the money?",
        ),
    ),
]
