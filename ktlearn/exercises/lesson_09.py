"""The exercises of lesson 09, Sentiment analysis."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_09_choosing import (
    check_9_1,
    check_9_2,
    check_9_3,
    check_9_4,
    check_9_5,
    check_9_6,
    solution_9_1,
    solution_9_2,
    solution_9_3,
    solution_9_4,
    solution_9_5,
    solution_9_6,
)
from ktlearn.exercises.lesson_09_judging import (
    check_9_7,
    check_9_8,
    check_9_9,
    check_9_10,
    check_9_11,
    check_9_12,
    solution_9_7,
    solution_9_8,
    solution_9_9,
    solution_9_10,
    solution_9_11,
    solution_9_12,
)

EXERCISES = [
    Exercise(
        "9.1",
        "Which C can you defend?",
        minutes=5,
        difficulty=1,
        check=check_9_1,
        solution=solution_9_1,
        why="On 265 texts 1, 10 and 100 cannot be told apart; only 0.1 is clearly worse. Among equals take the "
        "simplest, here the smallest C: that is the *one-standard-error rule* (Breiman et al. 1984).",
        hints=(
            "For each C fit a new baseline on the training set. Which set do you score it on?",
            "The standard error of a share p of N texts is (p · (1 − p) / N) ** 0.5. Take p of the best one.",
            "A loop over (0.1, 1, 10, 100) that keeps .score(val['text'], val['sentiment']); then all with a score of "
            "at least the best minus the error.",
        ),
    ),
    Exercise(
        "9.2",
        "An opponent that can spell",
        minutes=10,
        difficulty=2,
        check=check_9_2,
        solution=solution_9_2,
        why="Pieces inside words carry what is learned about *dreadful* to *dreadfully*, to *Dreadful!!* and to "
        "misspellings; pairs of words carry *not bad*. Neither can do what the other does, so the two are joined.",
        hints=(
            "One vectorizer sees whole words and pairs of them, the other pieces of two to five letters.",
            "make_union(vectorizer, vectorizer) puts their columns side by side; make_pipeline adds the classifier.",
            'TfidfVectorizer(ngram_range=(1, 2)) and TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)), and '
            ".fit(texts, labels) at the end.",
        ),
    ),
    Exercise(
        "9.3",
        "Could it be chance?",
        minutes=15,
        difficulty=3,
        check=check_9_3,
        solution=solution_9_3,
        why="This is the *sign test*; for two classifiers it is called McNemar's exact test. The texts on which both "
        "agree say nothing about who is better, and pairing the answers makes the test sharper than two separate "
        "standard errors.",
        hints=(
            "First count two numbers: the texts that only a has right, and those that only b has right.",
            "n coins show exactly k heads in math.comb(n, k) of 2**n ways. Add them up for k from 0 to the smaller "
            "number.",
            "Twice that sum, divided by 2**n; and min(1, …) around it.",
        ),
    ),
    Exercise(
        "9.4",
        "An interval for a difference",
        minutes=10,
        difficulty=2,
        check=check_9_4,
        solution=solution_9_4,
        why="This is the *bootstrap* (Efron 1979), here of pairs. It knows nothing of formulas, so it works for any "
        "measure: for F1, for a cost, for a median. It speaks of other test texts, not of other seeds.",
        hints=(
            "Draw N numbers of texts, and put each back: some texts come twice, some not at all.",
            "rng.integers(0, N, (5000, N)) draws 2,000 such sets at once. Use the same texts for a and for b.",
            "With right_a[drawn].mean(axis=1) − right_b[drawn].mean(axis=1) you have 5,000 differences. "
            "np.percentile(differences, [2.5, 97.5]).",
        ),
    ),
    Exercise(
        "9.5",
        "Two heads",
        minutes=10,
        difficulty=2,
        check=check_9_5,
        solution=solution_9_5,
        why="Averaging models that make different mistakes is the cheapest improvement there is. The loss is a finer "
        "measure than accuracy: with it every text counts, not only those whose answer turns.",
        hints=(
            "Try each w. What is the mixed probability of the true class of every text?",
            "mixed[np.arange(N), truth] takes from each row the column of the true class.",
            "losses = [-np.log((w * p_a + (1 - w) * p_b)[rows, truth]).mean() for w in weights], and np.argmin.",
        ),
    ),
    Exercise(
        "9.6",
        "What a mistake costs",
        minutes=10,
        difficulty=2,
        check=check_9_6,
        solution=solution_9_6,
        why="For a calibrated model the best threshold is alarm / (alarm + miss), and nothing has to be searched "
        "(Elkan 2001, *The Foundations of Cost-Sensitive Learning*). For a model that is too sure, search.",
        hints=(
            "For one threshold count two kinds of mistakes: negative and not flagged; flagged and not negative.",
            "Multiply each count by its cost, add them, and do so for 0.00, 0.01, …, 1.00.",
            "np.argmin of the 101 costs is the place of the cheapest; return the threshold there.",
        ),
    ),
    Exercise(
        "9.7",
        "Before you pour",
        minutes=5,
        difficulty=1,
        check=check_9_7,
        solution=solution_9_7,
        why="A temperature changes how sure an answer sounds, and nothing else: neither the answers nor their order. "
        "It takes from the texts that were right a little, and gives much to those that were wrong.",
        hints=(
            "Take two logits, −1.5 and 1.5, and look at section 6: what do T = 1 and T = 2 make of them?",
            "Dividing by a number above 0 keeps every order: between two classes, and between two texts.",
            "The loss is −log of the probability of the true class. Did the model give it more than 0.5, or less?",
        ),
    ),
    Exercise(
        "9.8",
        "Three diagrams",
        minutes=5,
        difficulty=1,
        check=check_9_8,
        solution=solution_9_8,
        why="Below the diagonal a model is too sure of itself (overconfident): a T above 1 makes it milder. Above it, "
        "it is not sure enough: a T below 1 sharpens it. Models with strong regularization often lie there.",
        hints=(
            "Take one point of each line: how sure is it, and how often right?",
            "A point below the diagonal: more sure than right.",
            "T above 1 makes a model less sure; so it is the cure for the line below the diagonal.",
        ),
    ),
    Exercise(
        "9.9",
        "One number for the diagram",
        minutes=10,
        difficulty=2,
        check=check_9_9,
        solution=solution_9_9,
        why="This is the *expected calibration error*, ECE. It depends on the bins: with other borders you get another "
        "number. So name the bins when you report it, and show the diagram too.",
        hints=(
            "Section 6 gives each text its bin. What are the mean of sure and the mean of right inside one bin?",
            "Each bin adds |mean of right − mean of sure|, times its share of the texts. Empty bins add nothing.",
            "With inside = bins == number, the share is inside.mean(). Start with error = 0, and add in a loop over "
            "np.unique(bins).",
        ),
    ),
    Exercise(
        "9.10",
        "Three ways to name one number",
        minutes=10,
        difficulty=2,
        check=check_9_10,
        solution=solution_9_10,
        why="The likeliest star is right most often. The median makes the mean distance smallest, the mean makes the "
        "mean *squared* distance smallest. So the measure by which you are judged decides what to answer. Without a "
        "new training!",
        hints=(
            "argmax gives columns 0 to 4, and the stars are 1 to 5.",
            "The mean is a matrix product with np.arange(1, 6). For the middle, look at p.cumsum(axis=1).",
            "The middle is the first column where the sum reaches 0.5: (p.cumsum(axis=1) >= 0.5).argmax(axis=1) + 1.",
        ),
    ),
    Exercise(
        "9.11",
        "Find the bug: missing reviews",
        minutes=10,
        difficulty=2,
        check=check_9_11,
        solution=solution_9_11,
        why="A line is not a row: in CSV a field in quotes may hold line breaks, and people write reviews in "
        "paragraphs. Counted too high, the job goes on too far behind, and nobody hears of the reviews in between.",
        hints=(
            "What does a review look like in the file when its writer pressed Enter in the middle?",
            "The module csv reads rows, whatever is inside the quotes. Open the file with newline=''.",
            "sum(1 for row in csv.reader(file)) counts the rows, the header among them.",
        ),
    ),
    Exercise(
        "9.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_9_12,
        solution=solution_9_12,
        why="The check looks for four points, not for good sentences: compare yours with this one. Small leads on "
        "small sets are what most model comparisons are made of, so it is worth having an answer ready.",
        hints=(
            "From how many texts do the two numbers come, and what is the standard error of each?",
            "What would you look at next: other texts, the same texts in pairs, other seeds?",
            "Suppose they are equally good. What else speaks for one of them, or for both together?",
        ),
    ),
]
