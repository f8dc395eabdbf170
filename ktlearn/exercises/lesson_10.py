"""The exercises of lesson 10, Machine translation."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_10_measuring import (
    check_10_1,
    check_10_2,
    check_10_6,
    check_10_7,
    check_10_8,
    check_10_11,
    check_10_12,
    solution_10_1,
    solution_10_2,
    solution_10_6,
    solution_10_7,
    solution_10_8,
    solution_10_11,
    solution_10_12,
)
from ktlearn.exercises.lesson_10_searching import (
    check_10_3,
    check_10_4,
    check_10_5,
    check_10_9,
    check_10_10,
    solution_10_3,
    solution_10_4,
    solution_10_5,
    solution_10_9,
    solution_10_10,
)

EXERCISES = [
    Exercise(
        "10.1",
        "BLEU by hand",
        minutes=8,
        difficulty=1,
        check=check_10_1,
        solution=solution_10_1,
        why="Each letter was a good guess but the last, and still only one of four pairs is right: runs are what makes "
        "BLEU look at the order.",
        hints=(
            "Single letters: the reference has one a, so of the two a's one counts. How many of 5?",
            "Pairs of the translation: ab, bd, dc, ca. Which of them has the reference?",
            "100 · e^(1 − 6/5) · √(p₁ · p₂)",
        ),
    ),
    Exercise(
        "10.2",
        "Several references",
        minutes=12,
        difficulty=2,
        check=check_10_2,
        solution=solution_10_2,
        why="With more references more right translations are recognised, so BLEU rises: figures with one and with "
        "four references cannot be compared.",
        hints=(
            "For each run: how often does the reference have it that has it most?",
            "Of two Counters, a | b keeps the larger count of each run.",
            "(runs(translation) & most).total() / runs(translation).total()",
        ),
    ),
    Exercise(
        "10.3",
        "Which text wins?",
        minutes=5,
        difficulty=1,
        check=check_10_3,
        solution=solution_10_3,
        why="With α = 0 the sum counts, with 1 the mean of a piece. Beyond 1, long texts win even if their pieces are "
        "less probable.",
        hints=(
            "α = 0: the length to the power of 0 is 1.",
            "α = 1: −2.0/4, −2.8/7, −6.0/12.",
            "α = 2: −2.0/16, −2.8/49, −6.0/144; the largest is the one nearest to 0.",
        ),
    ),
    Exercise(
        "10.4",
        "Draw the beams",
        minutes=10,
        difficulty=2,
        check=check_10_4,
        solution=solution_10_4,
        why="Both beams that go on come from a: the cut is made over all continuations, not beam by beam. And a text "
        "that ends is put aside only if it is among the best K of all at that moment.",
        hints=(
            "After step 1 the beams are a (0.5) and b (0.3); c is lost.",
            "Multiply: ab 0.25, ac, a end; ba, bc, b end. Sort all of them together.",
            "ab 0.25, b end 0.18, ac 0.15, bc 0.12, a end 0.10: who is among the best two, and who grows?",
        ),
    ),
    Exercise(
        "10.5",
        "Find the bugs: the score",
        minutes=12,
        difficulty=2,
        check=check_10_5,
        solution=solution_10_5,
        why="Padding is the classic one: what stands behind the end has log-probabilities too, and they mean nothing. "
        "It hides well, since the shorter texts only look a little worse.",
        hints=(
            "Which positions of a row belong to its text? And what stands in the others?",
            "(ids == end).argmax(axis=1) is the position of the end, for each text.",
            "Add log_p up to and with the end, and divide by that many pieces to the power of α.",
        ),
    ),
    Exercise(
        "10.6",
        "The other way round",
        minutes=5,
        difficulty=1,
        check=check_10_6,
        solution=solution_10_6,
        why="Common runs are common from both sides; precision and recall change places, and only an F1 treats them "
        "alike. So give translations and references in the right order: no error warns you.",
        hints=(
            "What is a precision divided by, and what a recall?",
            "After the exchange the old precision is the new recall.",
            "Which mean of P and R stays the same when P and R change places?",
        ),
    ),
    Exercise(
        "10.7",
        "Which of two is better?",
        minutes=12,
        difficulty=2,
        check=check_10_7,
        solution=solution_10_7,
        why="The same drawn sentences for both: hard sentences are hard for both, so their luck falls out of the "
        "difference. A share near 0.5 says nothing; from about 0.95 on, people speak of a difference.",
        hints=(
            "a[rows] has the shape (samples, N, 2): the counts of every drawn sentence.",
            "Add up over the sentences of a sample, then divide common by all.",
            "The mean of first > second over the samples is the share of wins.",
        ),
    ),
    Exercise(
        "10.8",
        "Lost numbers",
        minutes=12,
        difficulty=2,
        check=check_10_8,
        solution=solution_10_8,
        why="Such a check costs microseconds, needs no reference, and catches what BLEU does not see. It cannot know "
        "that 十二 is 12: the next step would be numbers in words.",
        hints=(
            "Find whole numbers with re.findall, in both texts, and count them.",
            "Take away commas between digits first; allow a point with digits behind it.",
            "Counter(of the source) - Counter(of the translation), and its elements().",
        ),
    ),
    Exercise(
        "10.9",
        "The alignment error rate",
        minutes=8,
        difficulty=1,
        check=check_10_9,
        solution=solution_10_9,
        why="0 is perfect. The published figure also knows *possible* links, which cost nothing either way (Och and "
        "Ney 2003).",
        hints=(
            "found & right are the links that both have.",
            "Each common link counts in both sets.",
            "1 − 2 · |A ∩ S| / (|A| + |S|)",
        ),
    ),
    Exercise(
        "10.10",
        "Read a map",
        minutes=5,
        difficulty=1,
        check=check_10_10,
        solution=solution_10_10,
        why="A column that nobody looks at is a hint at a lost word. It is no proof: the encoder may have put the word "
        "into its neighbours (here did, perhaps).",
        hints=(
            "Go through the columns, not the rows.",
            "The columns the and did have a cell above 0.2. Which one has none above 0.05?",
            "It stands between did and bite.",
        ),
    ),
    Exercise(
        "10.11",
        "Experiment: pieces per word",
        minutes=10,
        difficulty=1,
        check=check_10_11,
        solution=solution_10_11,
        why="What is rare is cut small. Each piece is one more step in which something can go wrong, and one more "
        "vector to pay for.",
        hints=(
            "tokenizer(list(rows['english']))['input_ids'] gives a list of ids for each sentence.",
            "Take one from each length, for </s>; words are sentence.split().",
            "Group the sentences of both parts by their kind, and divide sum by sum.",
        ),
    ),
    Exercise(
        "10.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_10_12,
        solution=solution_10_12,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "Section 6: how far does BLEU move on 65 sentences?",
            "Which mistakes hurt a patient, and what do they cost in BLEU?",
            "What was translated in the test, and what will be? And who looks at it?",
        ),
    ),
]
