"""The exercises of lesson 07, Fine-tuning with ktlearn."""

import numpy as np

from ktlearn.exercises.compare import as_array, compare
from ktlearn.exercises.exercise import Exercise, NotYet

MODEL = "ktlearn/mini-bert-en"


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
    trn = text.Transformer("ktlearn/mini-bert-en", maxlen=128).preprocess_train(x_train, y_train, verbose=0)
    return next(m for m in range(3, 129) if (trn.lengths <= m).mean() >= 0.98)


def check_7_2(answer):
    lengths = np.random.default_rng().integers(10, 100, size=16)
    size = 16 * lengths.max()
    mistakes = [
        (lambda n: n.sum() / size, "this is the share of the text. The padding is the rest."),
        (lambda n: size - n.sum(), "this is the number of places with padding. Divide it by all places."),
        (lambda n: (size - n.sum()) / n.sum(), "you divided by the places with text. Divide by all places."),
        (lambda n: 1 - n.sum() / (128 * len(n)), "you padded to 128. A batch is padded to its own longest text."),
    ]
    compare(answer, solution_7_2, lengths, mistakes=mistakes, names=["the share"])


def solution_7_2(lengths):
    return 1 - lengths.sum() / (len(lengths) * lengths.max())


def check_7_3(answer):
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
        (lambda p, truth, n: p[solution_7_3(p, truth, n)], "return the places of the texts, not their probabilities."),
    ]
    compare(answer, solution_7_3, p, truth, 5, mistakes=mistakes, names=["the array of places"])
    found = np.shape(answer(p.copy(), truth.copy(), 20))
    if found != (12,):
        raise NotYet(
            f"with 12 mistakes among 40 texts and n = 20, it must return 12 places. It returns {found[0]}: "
            "some of them are right answers."
        )


def solution_7_3(p, truth, n):
    p_right = p[np.arange(len(p)), truth]  # (N,)
    order = np.argsort(p_right)
    return order[p_right[order] < 0.5][:n]


def _least_sure_first(p, truth, n):
    return solution_7_3(p, truth, len(p))[::-1][:n]


def _sure_and_right(p, truth, n):
    return np.argsort(p[np.arange(len(p)), truth])[::-1][:n]


def _by_positive(p, truth, n):
    return np.argsort(p[:, 1])[:n]


def _mistakes_in_order(p, truth, n):
    return np.flatnonzero(p.argmax(axis=1) != truth)[:n]


def check_7_4(answer):
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
    compare(answer, solution_7_4, predict_proba, sentence, mistakes=mistakes, names=["the array of influences"])


def solution_7_4(predict_proba, sentence):
    words = sentence.split()
    shorter = [" ".join(words[:i] + words[i + 1 :]) for i in range(len(words))]
    whole, *without = predict_proba([sentence, *shorter])[:, 1]
    return whole - np.array(without)


def _rises(predict_proba, sentence):
    return -solution_7_4(predict_proba, sentence)


def _of_the_shorter(predict_proba, sentence):
    return predict_proba(sentence)[1] - solution_7_4(predict_proba, sentence)


def _alone(predict_proba, sentence):
    return predict_proba(sentence.split())[:, 1]


def _all_of_the_same(predict_proba, sentence):
    words = sentence.split()
    without = [" ".join(kept for kept in words if kept != word) for word in words]
    return predict_proba(sentence)[1] - predict_proba(without)[:, 1]


def check_7_5(answer):
    from ktlearn.data import load_reviews
    from ktlearn.predictor import Predictor

    if not isinstance(answer, Predictor):
        raise NotYet(
            "give a predictor, made by ktrain.get_predictor(learner.model, preproc=…). "
            f"This is a {type(answer).__name__}."
        )
    test = load_reviews("test")
    subjects = sorted(set(test["subject"]))
    classes = list(answer.get_classes())
    if sorted(classes) != subjects:
        raise NotYet(f"your predictor answers {_listed(classes)}. It should answer {_listed(subjects)}.")
    found = np.array(answer.predict(test["text"].tolist()))
    share = (found == test["subject"].to_numpy()).mean()
    if share <= 0.5:
        raise NotYet(
            f"it is right for {100 * share:.0f} % of the test texts; a coin with five sides gets 20 %. "
            "More than half should be right. Train it for longer."
        )


def solution_7_5():
    import ktlearn as ktrain
    from ktlearn import text
    from ktlearn.data import load_reviews

    train_reviews = load_reviews("train")
    about = text.Transformer("ktlearn/mini-bert-en", maxlen=128)
    data = about.preprocess_train(train_reviews["text"].tolist(), train_reviews["subject"].tolist())
    learner = ktrain.get_learner(about.get_classifier(), train_data=data, batch_size=16)
    learner.fit_onecycle(3e-4, 4)
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
        "How much is padding?",
        minutes=5,
        difficulty=1,
        check=check_7_2,
        solution=solution_7_2,
        why="The rectangle has as many rows as there are texts, and as many columns as the longest text has tokens. "
        "The texts fill `lengths.sum()` of its places. One long text makes the rectangle wide for all: this is "
        "why texts of similar length should share a batch.",
        hints=(
            "A batch is a rectangle. How many rows has it, how many columns?",
            "It has len(lengths) rows and lengths.max() columns. How many of its places hold text?",
            "lengths.sum() places hold text. The share of the padding is 1 minus their share.",
        ),
    ),
    Exercise(
        "7.3",
        "Sure, and wrong",
        minutes=10,
        difficulty=2,
        check=check_7_3,
        solution=solution_7_3,
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
        "7.4",
        "Remove a word",
        minutes=15,
        difficulty=2,
        check=check_7_4,
        solution=solution_7_4,
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
        "7.5",
        "Another question to the same texts",
        minutes=20,
        difficulty=3,
        check=check_7_5,
        solution=solution_7_5,
        why="What a text is *about* stands in its words. What its writer *thinks* often does not.",
        hints=(
            "You need a new text.Transformer: the old one knows two classes. The labels are words, so you may leave "
            "out class_names.",
            "Six steps: Transformer, preprocess_train, get_classifier, get_learner, fit_onecycle, get_predictor.",
            "Take the model, maxlen, the rate, the epochs and the batch size of the lesson; only the labels are "
            "others.",
        ),
    ),
]
