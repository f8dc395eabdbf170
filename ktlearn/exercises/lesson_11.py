"""The exercises of lesson 11, Summarisation."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_11_choosing import (
    check_11_5,
    check_11_6,
    check_11_7,
    check_11_9,
    check_11_10,
    solution_11_5,
    solution_11_6,
    solution_11_7,
    solution_11_9,
    solution_11_10,
)
from ktlearn.exercises.lesson_11_measuring import (
    check_11_1,
    check_11_2,
    check_11_3,
    check_11_4,
    check_11_8,
    check_11_11,
    check_11_12,
    solution_11_1,
    solution_11_2,
    solution_11_3,
    solution_11_4,
    solution_11_8,
    solution_11_11,
    solution_11_12,
)

EXERCISES = [
    Exercise(
        "11.1",
        "ROUGE on paper",
        minutes=6,
        difficulty=1,
        check=check_11_1,
        solution=solution_11_1,
        why="More than half of the words are common, but only two pairs: the summary says nearly the same in another "
        "order. No figure sees whether it means the same.",
        hints=(
            "Write both texts in lower case and without the full stop. How many words has each?",
            "Common words: cars, the, old, bridge. F1 = 2 · common / (7 + 8).",
            "7 words make 6 pairs, 8 words make 7. Two pairs stand in both texts.",
        ),
    ),
    Exercise(
        "11.2",
        "In alphabetical order",
        minutes=4,
        difficulty=1,
        check=check_11_2,
        solution=solution_11_2,
        why="ROUGE-1 counts a bag of words. That is why all three are reported together.",
        hints=(
            "Take the three words of *dogs bite men*, and sort them.",
            "Are there other words than before? Are there other neighbours?",
            "ROUGE-1 looks at words alone, ROUGE-2 at neighbours, ROUGE-L at the order.",
        ),
    ),
    Exercise(
        "11.3",
        "The longest common subsequence",
        minutes=15,
        difficulty=3,
        check=check_11_3,
        solution=solution_11_3,
        why="The table holds the answer for every pair of beginnings, so nothing is computed twice. The same table, "
        "with costs, is the edit distance of spelling checkers.",
        hints=(
            "Ask it of shorter lists first: what do the first i words and the first j words have in common?",
            "If both lists end in the same word, that is 1 more than without it. If not, leave out one end or another.",
            "length[i + 1, j + 1] = max(length[i, j] + 1 if the words are equal, length[i, j + 1], length[i + 1, j])",
        ),
    ),
    Exercise(
        "11.4",
        "Find the bug: a colleague's ROUGE-1",
        minutes=8,
        difficulty=2,
        check=check_11_4,
        solution=solution_11_4,
        why="Counts must be clipped: a word counts as often as *both* have it. And *bridge.* must be *bridge*. Without "
        "the first, a summary of nothing but *the* has a high precision.",
        hints=(
            "Try it with 'the the the' against 'the bridge'. And with 'Open.' against 'open'.",
            "ktlearn.text.rouge.words cuts a text as ROUGE does. For the counts, two Counters.",
            "(Counter(ours) & Counter(theirs)).total() takes the smaller count of each word.",
        ),
    ),
    Exercise(
        "11.5",
        "One round of TextRank",
        minutes=8,
        difficulty=2,
        check=check_11_5,
        solution=solution_11_5,
        why="B and C have no other neighbour than A, so both give it all they have, and A divides what it has 1 : 3.",
        hints=(
            "All three begin with 1/3. First divide each row of the table by its sum: who gives how much to whom?",
            "A gives B 1/4 and C 3/4 of its score; B and C give A all of theirs.",
            "New score = 0.15 / 3 + 0.85 · what comes in. For A: 0.05 + 0.85 · (1/3 + 1/3).",
        ),
    ),
    Exercise(
        "11.6",
        "Do not say it twice",
        minutes=12,
        difficulty=2,
        check=check_11_6,
        solution=solution_11_6,
        why="This is maximal marginal relevance (Carbonell and Goldstein 1998). It matters most where several texts "
        "report the same thing: there the two best sentences are often the same sentence.",
        hints=(
            "Take the highest score first. Then, n − 1 times, the best of the others by the formula.",
            "alike[:, taken].max(axis=1) is each sentence's largest similarity to one that is taken.",
            "Set the value of taken sentences to -np.inf before argmax.",
        ),
    ),
    Exercise(
        "11.7",
        "Without similarities",
        minutes=4,
        difficulty=1,
        check=check_11_7,
        solution=solution_11_7,
        why="d mixes two things: the similarities, and an equal share for all. 0.85 comes from PageRank's authors.",
        hints=(
            "Put d = 0 into the formula of section 5.",
            "(1 − 0) / N + 0 · … = ?",
            "What is left does not depend on the sentence.",
        ),
    ),
    Exercise(
        "11.8",
        "Numbers from nowhere",
        minutes=12,
        difficulty=2,
        check=check_11_8,
        solution=solution_11_8,
        why='The trap is `in` on texts: "5" in "1952" is True. Numbers must be cut out as wholes on both sides, and '
        "then looked up in a set.",
        hints=(
            r"re.findall(r'\d+(?:[.,]\d+)*', text) cuts out numbers, without the full stop behind them.",
            "Take the commas out on both sides, and make a set of the source's numbers.",
            "dict.fromkeys(numbers) keeps each number once, in its order.",
        ),
    ),
    Exercise(
        "11.9",
        "Read a map",
        minutes=4,
        difficulty=1,
        check=check_11_9,
        solution=solution_11_9,
        why="Four words are copied. One is written in other words than the source, and looks at the word it is made "
        "from. In a real map the picture is rarely so clean.",
        hints=(
            "A row is a written word. Find the darkest cell of each row.",
            "In four rows the darkest cell has the same word as the row.",
            "Look at the third row.",
        ),
    ),
    Exercise(
        "11.10",
        "Experiment: three rules without a model",
        minutes=10,
        difficulty=2,
        check=check_11_10,
        solution=solution_11_10,
        why="A long sentence has more words to share, so rules about length do well: this one comes near the learned "
        "selector of section 7. Always try such a rule before you praise a model.",
        hints=(
            "`cut` holds the sentences of all validation reports, `chosen` the positions of each way.",
            "The longest: max(range(1, len(s)), key=lambda i: len(s[i].split())).",
            "scores_of(joined(chosen), validation)[:, 0].mean() is the ROUGE-1 of a list of choices.",
        ),
    ),
    Exercise(
        "11.11",
        "The error of a difference",
        minutes=8,
        difficulty=2,
        check=check_11_11,
        solution=solution_11_11,
        why="Both ways meet the same easy and hard reports. In the difference of each report that part falls away, so "
        "its error is smaller than that of two separate groups.",
        hints=(
            "Take the difference of each report first: an array (N,).",
            "Its mean is the first number. Its standard error is std(ddof=1) / √N.",
            "d = ours - theirs; return d.mean(), d.std(ddof=1) / len(d) ** 0.5",
        ),
    ),
    Exercise(
        "11.12",
        "In your own words",
        minutes=10,
        difficulty=2,
        check=check_11_12,
        solution=solution_11_12,
        why="The check looks for four points, not for good sentences: compare yours with this one.",
        hints=(
            "Is 44.2 more than 43.9? What would you ask before you believe it?",
            "What does ROUGE not see, and what would it mean here?",
            "On which texts was it measured, and who should look at the summaries before they are used?",
        ),
    ),
]
