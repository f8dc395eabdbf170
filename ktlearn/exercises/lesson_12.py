"""The exercises of lesson 12, Question answering."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_12_judging import (
    check_12_7,
    check_12_8,
    check_12_9,
    check_12_10,
    check_12_11,
    solution_12_7,
    solution_12_8,
    solution_12_9,
    solution_12_10,
    solution_12_11,
)
from ktlearn.exercises.lesson_12_reading import (
    check_12_1,
    check_12_2,
    check_12_3,
    check_12_4,
    check_12_5,
    check_12_6,
    solution_12_1,
    solution_12_2,
    solution_12_3,
    solution_12_4,
    solution_12_5,
    solution_12_6,
)

EXERCISES = [
    Exercise(
        "12.1",
        "The best legal span",
        minutes=5,
        difficulty=1,
        check=check_12_1,
        solution=solution_12_1,
        why="Three pairs compete: (3, 2) with 5.2 is no span, (3, 5) with 4.7 is too long, and (1, 2) has 4.5. Each "
        "rule about answers is a region of the table in which no cell may be taken.",
        hints=(
            "Write the sums of the legal pairs only: the same position twice, or two neighbours.",
            "There are 6 + 5 = 11 such pairs. Which starts are worth trying at all?",
            "Compare start 1 with end 2, and start 3 with end 4.",
        ),
    ),
    Exercise(
        "12.2",
        "Before the first step",
        minutes=5,
        difficulty=1,
        check=check_12_2,
        solution=solution_12_2,
        why="The value at which a run must begin is worth knowing: a first loss that is far higher says that the "
        "scores are too large, or that a label lies on a position that the mask forbids.",
        hints=(
            "If all positions are equally likely, what is the probability of one of them?",
            "The start's share of the loss is −ln(1/160). And the end's?",
            "The mean of two equal numbers is that number.",
        ),
    ),
    Exercise(
        "12.3",
        "Several candidates",
        minutes=15,
        difficulty=2,
        check=check_12_3,
        solution=solution_12_3,
        why="Neighbours share a start or an end, so the second best is often the best with a word more or less. "
        "Whoever shows three answers to a reader leaves out those that overlap.",
        hints=(
            "Build the table of sums of section 5 with -inf where a pair is not legal.",
            "np.argsort(-sums, axis=None) gives the indices in the flattened table, the best first.",
            "np.unravel_index(indices, sums.shape) turns them into rows and columns; np.stack(…, axis=1) into pairs.",
        ),
    ),
    Exercise(
        "12.4",
        "Cut into windows",
        minutes=15,
        difficulty=2,
        check=check_12_4,
        solution=solution_12_4,
        why="The step is room − overlap, so a large overlap is paid in windows: with half of the room shared, nearly "
        "twice as many are read.",
        hints=(
            "The first window is (0, min(room, length)). Where does the second begin?",
            "Each begins room − overlap tokens after the one before.",
            "Stop as soon as a window reaches the end of the text, start + room >= length.",
        ),
    ),
    Exercise(
        "12.5",
        "Find the bug: the labels",
        minutes=10,
        difficulty=2,
        check=check_12_5,
        solution=solution_12_5,
        why="Two bugs: the question's tokens have offsets too, and an answer may begin or end inside a token. The "
        "answer then comes back with a few letters too many, which is better than a program that stops.",
        hints=(
            "Call it with the answer 60 of the token 1958-60. And with one that begins at character 0.",
            "A token belongs to the answer if they share a character: it begins before the answer's end, and …",
            "touched = (segments == 1) & (offsets[:, 0] < end) & (offsets[:, 1] > start), and its first and last.",
        ),
    ),
    Exercise(
        "12.6",
        "A hundred more",
        minutes=5,
        difficulty=1,
        check=check_12_6,
        solution=solution_12_6,
        why="Only differences count: between positions in a softmax, between spans in the search, between a span and "
        "position 0 in the margin. That is also why sums of two windows cannot be compared, and margins can.",
        hints=(
            "Take three positions with scores 0, 2, 1, and add 100 to each.",
            "The margin is a difference of two sums. By how much does each of them grow?",
            "exp(s + 100) = exp(100) · exp(s), and the factor stands in every term of the softmax.",
        ),
    ),
    Exercise(
        "12.7",
        "When wrong is worse than silent",
        minutes=12,
        difficulty=2,
        check=check_12_7,
        solution=solution_12_7,
        why="F1 charges a wrong answer and a silence alike. Few users do. Put your own costs into the choice of the "
        "threshold, on validation questions.",
        hints=(
            "For one threshold: which questions are answered wrongly, and which have an answer but get none?",
            "Cost = 3 · sum(answered and not right) + 1 · sum(not answered and has_answer).",
            "Try each margin as a threshold, and one above them all; return the one with the least cost.",
        ),
    ),
    Exercise(
        "12.8",
        "Mean reciprocal rank",
        minutes=10,
        difficulty=2,
        check=check_12_8,
        solution=solution_12_8,
        why="Recall at k asks whether the right document is among the first k; this asks how far down it stands. With "
        "> in place of >=, a question that shares no word with any document would count as found at once.",
        hints=(
            "The rank is the number of documents that are at least as alike as the right one; it counts itself.",
            "likeness[np.arange(N), true] is the likeness of each question and its right document.",
            "(1 / (likeness >= own[:, None]).sum(axis=1)).mean()",
        ),
    ),
    Exercise(
        "12.9",
        "Experiment: what to count",
        minutes=12,
        difficulty=2,
        check=check_12_9,
        solution=solution_12_9,
        why="To leave out the common words sounds wise, and it costs most: 56 questions then share no counted word "
        "with their passage. Common words say little, but a little is enough to come among the first ten.",
        hints=(
            "Copy the cells retrieve and recall of section 10, without the vectors.",
            "Make counter = TfidfVectorizer(sublinear_tf=True, …) three times, with one setting each.",
            "(ranks(likeness) < 10).mean() is the recall at 10; likeness has one row for each question.",
        ),
    ),
    Exercise(
        "12.10",
        "Read a map",
        minutes=5,
        difficulty=1,
        check=check_12_10,
        solution=solution_12_10,
        why="Most rows find the same word in the other text; one row finds the word that asks for it. A head like "
        "this would help a reader; that it looks so is no proof that the answer comes from it (lesson 07).",
        hints=(
            "The lower three rows are the passage. Where is the darkest cell of each?",
            "met finds met, and mia finds mia. And the third one?",
            "The row of tom has its darkest cell in the first column.",
        ),
    ),
    Exercise(
        "12.11",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_12_11,
        solution=solution_12_11,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "What do her customers ask that was never asked in SQuAD?",
            "Who gives the reader the right passage in SQuAD, and who will with her customers?",
            "What would two words too many do to F1, and what to a customer?",
        ),
    ),
]
