"""The exercises of lesson 08, Learning rates."""

from ktlearn.exercises.exercise import Exercise
from ktlearn.exercises.lesson_08_rates import (
    check_8_1,
    check_8_2,
    check_8_3,
    check_8_9,
    check_8_11,
    solution_8_1,
    solution_8_2,
    solution_8_3,
    solution_8_9,
    solution_8_11,
)
from ktlearn.exercises.lesson_08_schedules import (
    check_8_4,
    check_8_5,
    check_8_6,
    check_8_7,
    check_8_8,
    check_8_10,
    solution_8_4,
    solution_8_5,
    solution_8_6,
    solution_8_7,
    solution_8_8,
    solution_8_10,
)

EXERCISES = [
    Exercise(
        "8.1",
        "The edge",
        minutes=3,
        difficulty=1,
        check=check_8_1,
        solution=solution_8_1,
        why="A step takes w to w − η · 8w = (1 − 8η) · w. The factor is 0 at η = 1/8, and −1 at η = 1/4: from there on "
        "no step comes nearer. The steeper the valley, the smaller the rates it bears.",
        hints=(
            "What is the slope of 4w²? Write the step as w ← (…) · w.",
            "The factor is 1 − 8η. For which η is it 0?",
            "It runs away when the factor is below −1, that is from η = 2/8 on.",
        ),
    ),
    Exercise(
        "8.2",
        "Read a curve",
        minutes=5,
        difficulty=1,
        check=check_8_2,
        solution=solution_8_2,
        why="At the lowest point the rate is already too high: the next steps made the loss worse. A tenth is a safe "
        "distance. For `np.argmin`, a nan is lower than any number; `np.nanargmin` leaves them out.",
        hints=(
            "np.argmin(losses) is the place of the lowest loss.",
            "Give a tenth of the rate at this place. But a search may end in nan: what does np.argmin say then?",
            "rates[np.nanargmin(losses)] / 10",
        ),
    ),
    Exercise(
        "8.3",
        "Three curves",
        minutes=5,
        difficulty=1,
        check=check_8_3,
        solution=solution_8_3,
        why="In A and B a rate from the middle of the way down is a good one to try. In B a rule that looks for the "
        "lowest point finds one anywhere on the floor, and a tenth of that may lie on the floor too. C is a search "
        "with too few batches: repeat it with a larger `max_epochs`, or a higher `start_lr`.",
        hints=(
            "Where does each curve fall? Does each of them fall?",
            "A rate from the middle of the way down, not from the lowest point and not from the floor.",
            "A falls around 1e-3, B around 3e-4, and C nowhere: give 0 for it.",
        ),
    ),
    Exercise(
        "8.4",
        "A rate for each block",
        minutes=5,
        difficulty=1,
        check=check_8_4,
        solution=solution_8_4,
        why="The last block gets decay⁰ = 1, the one below it decay¹, and so on. Blocks near the input hold what all "
        "texts have in common, and change least. `learner.set_layer_decay` does the same.",
        hints=(
            "Begin with the last block. Which rate does it have, and which the one below it?",
            "The block that lies k blocks below the last one has top * decay ** k.",
            "Block number b, counted from the input, lies blocks - 1 - b below the last one.",
        ),
    ),
    Exercise(
        "8.5",
        "Down like a cosine, again and again",
        minutes=8,
        difficulty=2,
        check=check_8_5,
        solution=solution_8_5,
        why="From 0 to π a cosine goes from 1 down to −1. Adding 1 and halving makes it 1 down to 0. The remainder "
        "`step % cycle` is the restart.",
        hints=(
            "Which share of its cycle has a step done? Think of step % cycle.",
            "np.cos(np.pi * share) goes from 1 down to -1. Make it go from 1 down to 0.",
            "top * (1 + np.cos(np.pi * share)) / 2, with share = step % cycle / cycle.",
        ),
    ),
    Exercise(
        "8.6",
        "Predict: which step is longer?",
        minutes=5,
        difficulty=2,
        check=check_8_6,
        solution=solution_8_6,
        why="SGD's steps follow the slope, Adam's follow the rate. Clipping hides how far above the limit a gradient "
        "was. Weight decay needs no slope at all.",
        hints=(
            "SGD: rate times slope. Adam: the slope is divided by its usual size first.",
            "What is left of a gradient of length 5, and of length 50, when both are cut to length 1?",
            "SGD's momentum adds old steps up, Adam's takes their mean. The decay takes rate · decay · w off.",
        ),
    ),
    Exercise(
        "8.7",
        "Walk with momentum",
        minutes=12,
        difficulty=2,
        check=check_8_7,
        solution=solution_8_7,
        why="Three lines: a share of the old step and a push against the slope make the new step; the step moves the "
        "weight; the weight is noted. With all momenta 0 it is the walk of section 1.",
        hints=(
            "Before the loop there are two things: the weight w, and the step v = 0.",
            "In the loop v changes first, then w. The slope is asked for at the weight of now.",
            "v = momentum * v - rate * slope(w); w = w + v; append w.",
        ),
    ),
    Exercise(
        "8.8",
        "Find the bug: a warm-up",
        minutes=8,
        difficulty=2,
        check=check_8_8,
        solution=solution_8_8,
        why="Steps are counted from 0, so a way up that takes step / up begins at 0. And a line that starts at 1 in "
        "step 0 has fallen to 0.9 when the way up ends: the rate jumps down. `ktlearn.schedules.warm_up` is this row.",
        hints=(
            "Print the rates of a run of 20 steps, and look at steps 0 to 4.",
            "Step 0 has the rate 0; the last step of the way up should have `top`. And the step after it: just below.",
            "Up: (step + 1) / up. Down: (steps - step) / (steps - up + 1).",
        ),
    ),
    Exercise(
        "8.9",
        "A fair comparison",
        minutes=12,
        difficulty=2,
        check=check_8_9,
        solution=solution_8_9,
        why="Each schedule is tuned with the same effort, and then compared where it is best. As a rule of thumb, a "
        "difference of less than two errors shows nothing. (Both best rates are chosen with the same runs, so both "
        "means are a little too good.)",
        hints=(
            "Two best rates, each by the mean over its seeds.",
            "Seed by seed: b at its best rate minus a at its best rate. That is one difference for each seed.",
            "d.mean() and d.std(ddof=1) / np.sqrt(len(d)).",
        ),
    ),
    Exercise(
        "8.10",
        "Up, stay, down",
        minutes=15,
        difficulty=3,
        check=check_8_10,
        solution=solution_8_10,
        why="This is the schedule *warm-up, stable, decay*. Large models are trained with it too, because in the flat "
        "part nobody needs to know yet when the training will end.",
        hints=(
            "Three cases: step < up, step < steps - down, and the rest.",
            "On the way up the share is (step + 1) / up, so that the last of these steps has the top.",
            "On the way down it is (steps - step) / (down + 1): just below 1 at first, and 1 / (down + 1) at the end.",
        ),
    ),
    Exercise(
        "8.11",
        "One epoch, and which rate?",
        minutes=15,
        difficulty=3,
        check=check_8_11,
        solution=solution_8_11,
        why="Three runs each gave 0.82 at 3e-4, 0.90 at 1e-3 and 0.77 at 3e-3, where one of three learned nothing. "
        "With a third of the steps a rate of 3e-4 does not come far enough, and the window is narrower.",
        hints=(
            "Begin with 3e-4, the best of three epochs, and its neighbours 1e-4 and 1e-3.",
            "When the best of your rates is the lowest or the highest, go on in that direction.",
            "{rate: [tune(warm_up, rate, seed, epochs=1)[0] for seed in range(3)] for rate in (3e-4, 1e-3, 3e-3)}",
        ),
    ),
]
