"""The exercises of lesson 16, your own project. Their checks are in lesson_16_judging.py and lesson_16_serving.py."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_16_judging import (
    check_16_1,
    check_16_2,
    check_16_3,
    check_16_4,
    check_16_5,
    check_16_10,
    solution_16_1,
    solution_16_2,
    solution_16_3,
    solution_16_4,
    solution_16_5,
    solution_16_10,
)
from ktlearn.exercises.lesson_16_serving import (
    check_16_6,
    check_16_7,
    check_16_8,
    check_16_9,
    solution_16_6,
    solution_16_7,
    solution_16_8,
    solution_16_9,
)

EXERCISES = [
    Exercise(
        "16.1",
        "Split by sender",
        minutes=12,
        difficulty=2,
        check=check_16_1,
        solution=solution_16_1,
        why="Whoever splits rows lets one sender stand on both sides. The shares of the *rows* come out a little off, "
        "since senders write more or less; that is the price.",
        hints=(
            "Shuffle the different senders, not the rows: rng.permutation(np.unique(senders)).",
            "The last round(share * number of senders) of them are the test senders.",
            "np.isin(senders, test_senders) says for each row whether it is in the test part.",
        ),
    ),
    Exercise(
        "16.2",
        "Find the bug: who has seen the test set?",
        minutes=8,
        difficulty=2,
        check=check_16_2,
        solution=solution_16_2,
        why="In a, the counts of the test words decide the weights; in c, the test set chooses; in d, a copy of a test "
        "text may be learned. In b only the training texts are counted, and e reads what it reports, once.",
        hints=(
            "Ask of each line: could another test set have changed the model?",
            "fit, oversampling and max() are the words to look at.",
            "Three of the five leak.",
        ),
    ),
    Exercise(
        "16.3",
        "Experiment: the best of twenty",
        minutes=12,
        difficulty=2,
        check=check_16_3,
        solution=solution_16_3,
        why="All twenty are right on 0.8 of all texts, and the best of them seems five points better. The more you "
        "try, and the fewer the texts, the larger this false gain. Nobody cheated; the choice did.",
        hints=(
            "rng.binomial(200, 0.8, size=(10_000, 20)) draws right answers: 10,000 times twenty models.",
            "Divide by 200, and take the largest of each row.",
            "The mean of these 10,000 maxima is the answer.",
        ),
    ),
    Exercise(
        "16.4",
        "Which epoch?",
        minutes=8,
        difficulty=1,
        check=check_16_4,
        solution=solution_16_4,
        why="A rule that is written down before the training chooses without our wishes. Equal accuracies are common "
        "with few validation texts, so the rule must say what happens then.",
        hints=(
            "Which epochs have the highest accuracy? There may be several.",
            "Among these, take the lowest val_loss.",
            "max(range(n), key=lambda i: (accuracy[i], -loss[i])) + 1",
        ),
    ),
    Exercise(
        "16.5",
        "Read a card",
        minutes=8,
        difficulty=2,
        check=check_16_5,
        solution=solution_16_5,
        why="b speaks of 1,000 texts where 200 were tested, and 0.93 ± 0.02 does not promise it; c chose with the test "
        "set; e says nothing that was measured. The others say what was done.",
        hints=(
            "What does each sentence claim, and which number of the task supports it?",
            "An error of 0.02 belongs to 200 texts from the same shop.",
            "Three of the six cannot stand.",
        ),
    ),
    Exercise(
        "16.6",
        "A test of behaviour",
        minutes=10,
        difficulty=1,
        check=check_16_6,
        solution=solution_16_6,
        why="A test set says how often a model is right; a test of behaviour says what a change must not do, and shows "
        "the case. Keep such pairs, and ask them again of each new model.",
        hints=(
            "Ask twice: once for the first texts of all pairs, once for the second ones.",
            "zip(pairs, first, second) puts each pair beside its two desks.",
            "[pair for pair, a, b in zip(pairs, first, second) if a != b]",
        ),
    ),
    Exercise(
        "16.7",
        "Before you measure",
        minutes=6,
        difficulty=2,
        check=check_16_7,
        solution=solution_16_7,
        why="A full queue is served at 1 / 0.02 = 50 requests a second; eight clients then wait 8 / 50 = 0.16 seconds "
        "each (Little's law: in the system = rate × time). Two processes on two cores double the one and halve the "
        "other.",
        hints=(
            "One request takes 20 ms of one core. How many are done in a second?",
            "With eight clients there are always eight requests in the system, and one of them is worked on.",
            "Time in the system = requests in the system / requests per second.",
        ),
    ),
    Exercise(
        "16.8",
        "Read the curves",
        minutes=5,
        difficulty=1,
        check=check_16_8,
        solution=solution_16_8,
        why="Up to 4 clients each new one brings more answers a second; after that they only wait longer. With 16 the "
        "99th percentile is 155 ms, with 32 it is 320.",
        hints=(
            "Where does the line of the requests per second become flat?",
            "The second question is about the line of the 99th percentile.",
            "Look for the last number of clients whose point lies below 200.",
        ),
    ),
    Exercise(
        "16.9",
        "Find the bug: a container file",
        minutes=8,
        difficulty=2,
        check=check_16_9,
        solution=solution_16_9,
        why="Line 2 takes whatever is newest on the day it is built; line 4 copies the whole folder, with the texts of "
        "your customers; line 6 listens inside the container only, so nobody reaches it.",
        hints=(
            "Think of a build in a year, of what is in your folder, and of who can reach 127.0.0.1.",
            "Which line would also copy inbox.csv?",
            "Three of the six lines.",
        ),
    ),
    Exercise(
        "16.10",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_16_10,
        solution=solution_16_10,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "What would you have to write yourself without it? Section 4 has the list.",
            "And what does it decide for you without asking?",
            "When would you write your own training step?",
        ),
    ),
]
