"""The exercises of lesson 07, Fine-tuning with ktlearn."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import Exercise, NotYet

MODEL = "ktlearn/minilm-en"
ENOUGH = 0.7  # the share that exercise 7.10 wants
FLAT, LAST, CLIFF = 1e-4, 2.5e-3, 6e-3  # the curve of exercise 7.3 falls from here, to here, and climbs from here


def _training_lengths():
    from ktlearn import text
    from ktlearn.data import load_review_lists

    (x_train, y_train), _, _ = load_review_lists()
    return text.Transformer(MODEL, maxlen=128).preprocess_train(x_train, y_train, verbose=0).lengths


def check_7_1(answer):
    answer = as_array(answer, "maxlen", shape=())
    if answer != np.floor(answer):
        raise NotYet(f"maxlen counts tokens, so it must be a whole number. You gave {answer:g}.")
    lengths = _training_lengths()
    whole, whole_before = (lengths <= answer).mean(), (lengths <= answer - 1).mean()
    if answer >= lengths.max():
        raise NotYet(f"{answer:g} takes in all the texts whole. We accept that 2 % of them are cut.")
    if whole < 0.98:
        raise NotYet(f"{answer:g} takes in only {100 * whole:.1f} % of the texts whole.")
    if whole_before >= 0.98:
        raise NotYet(f"{answer:g} is enough, but so is {answer - 1:g}. Find the smallest.")


def solution_7_1():
    from ktlearn import text
    from ktlearn.data import load_review_lists

    (x_train, y_train), _, _ = load_review_lists()
    trn = text.Transformer("ktlearn/minilm-en", maxlen=128).preprocess_train(x_train, y_train, verbose=0)
    return next(m for m in range(3, 129) if (trn.lengths <= m).mean() >= 0.98)


def check_7_2(answer):
    lengths = np.random.default_rng().integers(10, 60, size=40)
    mistakes = [
        (
            lambda n, m: ((n > m).mean(), np.minimum(n, m).sum() / n.sum()),
            "the second number is the share that is left.",
        ),
        (lambda n, m: ((n >= m).mean(), solution_7_2(n, m)[1]), "a text of exactly maxlen tokens is not cut."),
        (lambda n, m: ((n <= m).mean(), solution_7_2(n, m)[1]), "the first number is the share of whole texts."),
        (
            lambda n, m: ((n > m).mean(), n[n > m].sum() / n.sum()),
            "a cut text keeps its first maxlen tokens: only what comes after them is lost.",
        ),
        (
            lambda n, m: ((n > m).mean(), np.maximum(n - m, 0).mean() / n.max()),
            "divide by all tokens, `lengths.sum()`.",
        ),
        (lambda n, m: solution_7_2(n, m)[::-1], "these are the right numbers in the wrong order."),
    ]
    names = ["the share of texts that are cut", "the share of tokens that are lost"]
    maxlen = int(np.sort(lengths)[26])  # some texts have exactly this length
    compare(answer, solution_7_2, lengths, maxlen, mistakes=mistakes, names=names)


def solution_7_2(lengths, maxlen):
    return (lengths > maxlen).mean(), np.maximum(lengths - maxlen, 0).sum() / lengths.sum()


def check_7_3(answer):
    rate = as_array(answer, "the rate", shape=())
    if not 0 < rate < 100:
        raise NotYet(f"a rate lies on the lower axis, between 1e-5 and 1. You gave {rate:g}.")
    if rate < FLAT:
        raise NotYet(f"at {rate:.0e} the curve is still flat: with steps so short, training would take very long.")
    if rate > CLIFF:
        raise NotYet(
            f"at {rate:.0e} the loss climbs again: the steps are too long. Go back, before the bottom of the dip."
        )
    if rate > LAST:
        raise NotYet(f"at {rate:.0e} the curve is at its bottom, where the loss no longer falls. Take a smaller rate.")


def solution_7_3():
    return 5e-4  # the loss falls from 1e-4 to 4e-3, where the bottom is; this is the middle of the way down


def check_7_4(answer):
    epoch = as_array(answer, "the epoch", shape=())
    said = {
        3: None,
        5: "epoch 5 has the highest validation accuracy, by one text of 265. That is luck; its loss is far up.",
        6: "epoch 6 has the lowest *training* loss. The model knows these texts by heart.",
        1: "in epoch 1 both losses still fall fast.",
        2: "after epoch 2 the validation loss falls once more.",
        4: "in epoch 4 the validation loss has begun to rise.",
    }
    if float(epoch) not in said:
        raise NotYet(f"the epochs are numbered from 1 to 6. You gave {epoch:g}.")
    if said[int(epoch)]:
        raise NotYet(said[int(epoch)])


def solution_7_4():
    return 3


def check_7_5(answer):
    rng = np.random.default_rng()
    for patience in (1, 2, 3):
        # down to the lowest value with a bump on the way, then up and down above it: two rises never follow each other
        down = np.sort(rng.uniform(0.5, 0.9, size=4))[::-1]
        tail = down[-1] + np.array([0.10, 0.05, 0.12, 0.07, 0.20]) + rng.uniform(0, 0.01, size=5)
        losses = np.concatenate([down[:2], [down[1] + 0.05], down[2:], tail])
        mistakes = [
            (
                _since_last_rise,
                "count the epochs since the *best* one, not the rises in a row from one epoch to the next.",
            ),
            (_to_the_end, "you looked at all the epochs. Training stops before it has seen them."),
            (_from_zero, "count the epochs from 1, as the learner prints them."),
            (_stops_late, "it stops one epoch too late: when `patience` epochs in a row were no better, it is over."),
            (lambda v, p: solution_7_5(v, p)[::-1], "first the epoch that is kept, then the one after which it stops."),
        ]
        names = ["the best epoch", "the last epoch"]
        compare(answer, solution_7_5, losses, patience, mistakes=mistakes, names=names)
    falling = np.array([0.6, 0.5, 0.4])
    compare(answer, solution_7_5, falling, 2, names=["the best epoch of a run that only improves", "its last epoch"])


def solution_7_5(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best >= patience:
            break
    return best + 1, epoch + 1


def _to_the_end(val_losses, patience):
    return int(np.argmin(val_losses)) + 1, len(val_losses)


def _from_zero(val_losses, patience):
    best, last = solution_7_5(val_losses, patience)
    return best - 1, last - 1


def _stops_late(val_losses, patience):
    return solution_7_5(val_losses, patience + 1)


def _since_last_rise(val_losses, patience):
    best, rises = 0, 0
    for epoch in range(1, len(val_losses)):
        rises = rises + 1 if val_losses[epoch] > val_losses[epoch - 1] else 0
        best = epoch if val_losses[epoch] < val_losses[best] else best
        if rises >= patience:
            return best + 1, epoch + 1
    return best + 1, len(val_losses)


def check_7_6(answer):
    rng = np.random.default_rng()
    p = rng.dirichlet([1, 1], size=40)  # (N, 2)
    p[[0, 12]] = 1e-4, 1 - 1e-4  # the surest mistake and the surest right answer: one column alone finds neither
    truth = p.argmax(axis=1)
    truth[:12] = 1 - truth[:12]  # 12 mistakes
    order = rng.permutation(40)
    p, truth = p[order], truth[order]

    mistakes = [
        (_least_sure_first, "these are mistakes, but the least sure ones. Begin with the surest."),
        (_sure_and_right, "these answers are right. Take the ones whose right class has a small probability."),
        (_by_positive, "you looked at column 1 only. The right class is column 0 for some of the texts."),
        (_mistakes_in_order, "these are mistakes, but in the order of the texts. Sort them: the surest first."),
        (lambda p, truth, n: p[solution_7_6(p, truth, n)], "return the places of the texts, not their probabilities."),
    ]
    compare(answer, solution_7_6, p, truth, 5, mistakes=mistakes, names=["the array of places"])
    found = np.shape(answer(p.copy(), truth.copy(), 20))
    if found != (12,):
        raise NotYet(
            f"with 12 mistakes among 40 texts and n = 20, it must return 12 places. It returns {found[0]}: "
            "some of them are right answers."
        )


def solution_7_6(p, truth, n):
    p_right = p[np.arange(len(p)), truth]  # (N,)
    order = np.argsort(p_right)
    return order[p_right[order] < 0.5][:n]


def _least_sure_first(p, truth, n):
    return solution_7_6(p, truth, len(p))[::-1][:n]


def _sure_and_right(p, truth, n):
    return np.argsort(p[np.arange(len(p)), truth])[::-1][:n]


def _by_positive(p, truth, n):
    return np.argsort(p[:, 1])[:n]


def _mistakes_in_order(p, truth, n):
    return np.flatnonzero(p.argmax(axis=1) != truth)[:n]


def check_7_7(answer):
    sentence = "not rude , not slow : a lovely and quiet room"  # `not` stands twice
    rng = np.random.default_rng()
    # Small weights: a model that is quite sure does not change its mind for any word, and every answer is 0.
    weight = {word: rng.uniform(-0.4, 0.4) for word in set(sentence.split())}

    def predict_proba(texts):  # a model that counts words, and answers like a predictor
        if isinstance(texts, str):
            return predict_proba([texts])[0]
        counts = [sum(weight[word] for word in text.split()) + 0.5 * text.split().count("not") ** 2 for text in texts]
        positive = 1 / (1 + np.exp(-np.array(counts)))
        return np.stack([1 - positive, positive], axis=1)  # (N, 2)

    mistakes = [
        (_rises, "the sign is the other way round: say how much the probability *falls* when the word is missing."),
        (
            _of_the_shorter,
            "these are the probabilities without each word. How much do they fall, compared with the whole?",
        ),
        (_alone, "these are the words one by one. Leave one out, and keep the others."),
        (_all_of_the_same, "a word that stands twice lost both. Leave out the word at one place only."),
    ]
    compare(answer, solution_7_7, predict_proba, sentence, mistakes=mistakes, names=["the array of influences"])


def solution_7_7(predict_proba, sentence):
    words = sentence.split()
    shorter = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    whole, *without = predict_proba([sentence, *shorter])[:, 1]
    return whole - np.array(without)


def _rises(predict_proba, sentence):
    return -solution_7_7(predict_proba, sentence)


def _of_the_shorter(predict_proba, sentence):
    return predict_proba(sentence)[1] - solution_7_7(predict_proba, sentence)


def _alone(predict_proba, sentence):
    return predict_proba(sentence.split())[:, 1]


def _all_of_the_same(predict_proba, sentence):
    words = sentence.split()
    without = [" ".join(kept for kept in words if kept != word) for word in words]
    return predict_proba(sentence)[1] - predict_proba(without)[:, 1]


def check_7_8(answer):
    import pandas as pd

    rng = np.random.default_rng()
    labels = np.array(["rare"] * 40 + ["often"] * 160)
    frame = pd.DataFrame({"text": [f"text {i}" for i in rng.permutation(200)], "label": labels})
    parts = answer(frame.copy())
    if not isinstance(parts, (tuple, list)) or len(parts) != 3 or not all(isinstance(p, pd.DataFrame) for p in parts):
        raise NotYet("return three data frames: train, val, test.")
    names = ("train", "val", "test")
    texts = {name: set(part["text"]) for name, part in zip(names, parts, strict=True)}
    for one, other in (("train", "test"), ("train", "val"), ("val", "test")):
        if both := len(texts[one] & texts[other]):
            raise NotYet(f"{both} texts are both in {one} and in {other}. What does the second call split?")
    if sum(map(len, parts)) != 200:
        raise NotYet(f"the frame has 200 rows, and your parts together {sum(map(len, parts))}.")
    if [len(part) for part in parts] != [120, 40, 40]:
        raise NotYet(f"of 200 rows, 120, 40 and 40 are wanted; your parts have {[len(part) for part in parts]}.")
    for name, part in zip(names, parts, strict=True):
        share = (part["label"] == "rare").mean()
        if abs(share - 0.2) > 0.005:
            raise NotYet(
                f"a fifth of all the labels are `rare`, and in {name} {100 * share:.0f} %. Stratify *each* call."
            )
    again = answer(frame.copy())
    if not all(one.equals(other) for one, other in zip(parts, again, strict=True)):
        raise NotYet("a second run gives other parts. Keep random_state, or nobody can repeat your figures.")


def solution_7_8(frame):
    from sklearn.model_selection import train_test_split

    rest, test = train_test_split(frame, test_size=0.2, stratify=frame["label"], random_state=0)
    train, val = train_test_split(rest, test_size=0.25, stratify=rest["label"], random_state=1)
    return train, val, test


def check_7_9(answer):
    said = {
        "a": "it could: a number more or less among 21 million moves an answer too little to be seen. So a folder "
        "that is loaded in silence could be wrong in silence. What is `ktlearn.sha256` for?",
        "b": "the file can be read: one weight has another value, and nothing in the file says which is right. What "
        "is `ktlearn.sha256` for?",
        "c": None,
    }
    if not isinstance(answer, str) or answer.strip().lower() not in said:
        raise NotYet('choose one of the three: "a", "b" or "c".')
    if said[answer.strip().lower()]:
        raise NotYet(said[answer.strip().lower()])


def solution_7_9():
    return "c"


def check_7_10(answer):
    from ktlearn.data import load_reviews
    from ktlearn.predictor import Predictor

    if not isinstance(answer, Predictor):
        raise NotYet(
            "give a predictor, made by ktrain.get_predictor(learner.model, preproc=…). "
            f"This is a {type(answer).__name__}."
        )
    held_out = load_reviews("validation")
    subjects = sorted(set(held_out["subject"]))
    classes = list(answer.get_classes())
    if sorted(classes) != subjects:
        raise NotYet(f"your predictor answers {_listed(classes)}. It should answer {_listed(subjects)}.")
    found = np.array(answer.predict(held_out["text"].tolist()))
    share = (found == held_out["subject"].to_numpy()).mean()
    if share <= ENOUGH:
        raise NotYet(
            f"it is right for {100 * share:.0f} % of the validation reviews; a coin with five sides gets 20 %. "
            f"More than {100 * ENOUGH:.0f} % should be right. Train it for longer."
        )


def solution_7_10():
    import ktlearn as ktrain
    from ktlearn import text
    from ktlearn.data import load_reviews

    train_reviews = load_reviews("train")
    about = text.Transformer("ktlearn/mini-bert-en", maxlen=128)
    data = about.preprocess_train(train_reviews["text"].tolist(), train_reviews["subject"].tolist())
    learner = ktrain.get_learner(about.get_classifier(), train_data=data, batch_size=16)
    learner.fit_onecycle(3e-4, 2)
    return ktrain.get_predictor(learner.model, preproc=about)


def _listed(names):
    return ", ".join(map(str, names))


EXERCISES = [
    Exercise(
        "7.1",
        "A tighter maxlen",
        minutes=5,
        difficulty=1,
        check=check_7_1,
        solution=solution_7_1,
        why="In the lesson `trn` is there already, so the last line is enough. With batches of similar lengths, a "
        "tighter `maxlen` saves little. With everything padded to `maxlen`, it would save a lot.",
        hints=(
            "trn.lengths <= 50 is an array of True and False. What is its mean?",
            "Try 50, 60, 70 … by hand. Then go back in single steps, while the mean stays at 0.98 or above.",
            "A loop tries all numbers from 3 to 128, and stops at the first for which (trn.lengths <= m).mean() >= "
            "0.98.",
        ),
    ),
    Exercise(
        "7.2",
        "What a small maxlen costs",
        minutes=8,
        difficulty=2,
        check=check_7_2,
        solution=solution_7_2,
        why="Call `lost(trn.lengths, 32)`: nearly two thirds of the reviews are cut, and they lose less than a quarter "
        "of all tokens. The first number says how many texts are damaged, the second how badly.",
        hints=(
            "`lengths > maxlen` says of each text whether it is cut. A mean of True and False is a share.",
            "A text of 50 tokens loses 50 - maxlen of them; a short text loses none, and never less than none.",
            "np.maximum(lengths - maxlen, 0) are the lost tokens of each text. Divide their sum by all tokens.",
        ),
    ),
    Exercise(
        "7.3",
        "Pick a rate",
        minutes=5,
        difficulty=1,
        check=check_7_3,
        solution=solution_7_3,
        why="Any rate from 1e-4 to 2e-3 lies on the way down; the rules of thumb gave 4.5e-4, 5.5e-4 and 1e-3 for "
        "this curve. The rate at the bottom itself is too high: there the loss has just stopped falling.",
        hints=(
            "Find the bottom of the dip. The rate lies to the left of it.",
            "Where does the curve begin to fall, and where is the bottom? Any rate on the way down will do.",
            "The bottom is near 4e-3. A tenth of its rate is a good first try.",
        ),
    ),
    Exercise(
        "7.4",
        "Which epoch?",
        minutes=4,
        difficulty=1,
        check=check_7_4,
        solution=solution_7_4,
        why="From epoch 4 on the training loss falls and the validation loss rises: the model learns its texts by "
        "heart. The accuracy changes by a text or two, which is noise: with 265 texts its standard error is 0.026.",
        hints=(
            "Which column has been made small by training, and which has not?",
            "Where is `val_loss` lowest?",
            "0.501 is the lowest of the six.",
        ),
    ),
    Exercise(
        "7.5",
        "Early stopping by hand",
        minutes=12,
        difficulty=2,
        check=check_7_5,
        solution=solution_7_5,
        why="This is `early_stopping=patience` of `fit` and `autofit`, which also put the weights of the best epoch "
        "back. With a patience of 1 a run ends at the first bump; 2 or 3 is usual.",
        hints=(
            "Go through the epochs one by one, as training does, and remember the place of the lowest loss so far.",
            "After each epoch: is it the best? If not, how many epochs ago was the best? Stop at `patience`.",
            "In a loop over enumerate(val_losses): update best; if epoch - best >= patience: break. Add 1 to both.",
        ),
    ),
    Exercise(
        "7.6",
        "Sure, and wrong",
        minutes=10,
        difficulty=2,
        check=check_7_6,
        solution=solution_7_6,
        why="The smaller the probability of the right class, the surer the mistake, and the higher the loss: "
        "`learner.top_losses` sorts by it. Read the three texts before you blame the model. Sometimes the surest "
        "mistake is a wrong *label*, and this list is the best place to look for those.",
        hints=(
            "We had the probability of the right class in section 6. The smaller it is, the surer the mistake.",
            "np.argsort gives the places from the smallest to the largest. Are the first n of them always mistakes?",
            "Of the sorted places keep those with p_right below 0.5, and of these the first n.",
        ),
    ),
    Exercise(
        "7.7",
        "Remove a word",
        minutes=15,
        difficulty=2,
        check=check_7_7,
        solution=solution_7_7,
        why="A positive number: the word made the review more positive. A negative number: it made it more negative. "
        "This is *occlusion*, as in section 7; there the word was hidden behind `[MASK]`, so that the sentence kept "
        "its length, and the unit was log-odds. It is honest about one word at a time, and blind to words that work "
        "only together.",
        hints=(
            "Begin with words = sentence.split(). What is the sentence without word i?",
            'It is " ".join(words[:i] + words[i + 1 :]). One call takes the whole sentence and all shortened ones in '
            "one list.",
            "Column 1 is the class positive. Return its number for the whole sentence minus its numbers for the "
            "shortened ones.",
        ),
    ),
    Exercise(
        "7.8",
        "Find the bug: a split",
        minutes=8,
        difficulty=2,
        check=check_7_8,
        solution=solution_7_8,
        why="The second call split the whole frame again, so test texts came into the training set, and the test "
        "figure would have been a memory test. And without `stratify` a rare class may be missing from a small part.",
        hints=(
            "Which frame does the second call split, and which should it?",
            "A quarter of what remains is a fifth of the whole. And the shares of the classes are left to chance.",
            'Give rest to the second call; stratify=frame["label"] to the first, stratify=rest["label"] to the second.',
        ),
    ),
    Exercise(
        "7.9",
        "One changed byte",
        minutes=5,
        difficulty=1,
        check=check_7_9,
        solution=solution_7_9,
        why="A wrong weight is still a number, so only a checksum can tell: `ktlearn.sha256` holds one for each file, "
        "and loading compares. A folder without it is loaded as it is.",
        hints=(
            "The last bytes of the file are part of a weight. Is a weight with another value still a number?",
            "Read the list of files in section 8 again.",
            "One of the files holds a checksum of each of the others.",
        ),
    ),
    Exercise(
        "7.10",
        "Another question to the same texts",
        minutes=20,
        difficulty=3,
        check=check_7_10,
        solution=solution_7_10,
        why="What a text is *about* stands in its words. What its writer *thinks* often does not.",
        hints=(
            "You need a new text.Transformer: the old one knows two classes. The labels are words, so you may leave "
            "out class_names.",
            "Six steps: Transformer, preprocess_train, get_classifier, get_learner, fit_onecycle, get_predictor.",
            "Take the model, maxlen, the rate and the batch size of the lesson; only the labels are others, and two "
            "epochs are enough.",
        ),
    ),
]
