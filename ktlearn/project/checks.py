"""The checks of a project: each looks at one rule, and says what it saw, what it cannot see, and what to do next."""

import collections

import numpy as np

from ktlearn.kinds import CLASSES
from ktlearn.predictor import load_predictor
from ktlearn.predictor.card import OPEN_QUESTION
from ktlearn.project.calibration import calibration_error, error_by_chance
from ktlearn.project.duplicates import near_duplicates
from ktlearn.project.missing import missing
from ktlearn.project.rubric import GOOD, MEND, OPEN, Finding
from ktlearn.project.sealed import answers_of, digest, times
from ktlearn.text.labels import folded

MONITORS = ("val_accuracy", "val_loss")
LIMITS = {"seeds": 3, "settings": 2, "texts": 10, "asked": 32, "difference": 1e-4}
PARTS = {"train": "training", "validation": "validation", "test": "test"}
PAIRS = (("train", "validation"), ("train", "test"), ("validation", "test"))


def leaks(project):
    """Does a text stand in two parts?"""
    unseen = "the same said in other words, or in another language"
    if saw := _lacking(project, project.text, "a text"):
        return Finding("leaks", MEND, saw, unseen, "There is nothing to read: leave these rows out, and split again.")
    counts, shown = {}, ""
    for one, other in PAIRS:
        found = near_duplicates(project.texts(one), project.texts(other))
        counts[f"{one} and {other}"] = len(found)
        if found and not shown:
            shown = f" One of them: {_short(project.texts(other)[found[0].other])}"
    saw = "nearly the same text in both of " + ", ".join(f"{pair}: {count}" for pair, count in counts.items()) + "."
    if any(counts.values()):
        return Finding("leaks", MEND, saw + shown, unseen, "Keep one of each, or put both into one part.")
    return Finding("leaks", GOOD, saw, unseen)


def groups(project):
    """Does a group stand in two parts?"""
    if project.group is None:
        saw = "no column says which texts belong together."
        todo = "Do several texts come from one person, thread or product? Then group=…; if not, say so in the card."
        return Finding("groups", OPEN, saw, "whether the texts belong together", todo)
    unseen = "groups that another column would show"
    if saw := _lacking(project, project.group, repr(project.group)):
        todo = "Whose are they? Name them; or give each a name of its own, if each stands alone. Then split again."
        return Finding("groups", MEND, saw, unseen, todo)
    members = {part: set(map(_as_typed, getattr(project, part)[project.group])) for part in PARTS}
    shared = {f"{one} and {other}": len(members[one] & members[other]) for one, other in PAIRS}
    saw = f"{project.group!r} in both of " + ", ".join(f"{pair}: {count}" for pair, count in shared.items()) + "."
    if any(shared.values()):
        return Finding("groups", MEND, saw, unseen, "Split by group: all texts of one go into one part.")
    return Finding("groups", GOOD, saw, unseen)


def classes(project):
    """Are the classes spelt one way, present everywhere, and frequent enough to be measured?"""
    unseen = "wrong labels; let a second person label some"
    if saw := _lacking(project, project.label, "a class"):
        return Finding("classes", MEND, saw, unseen, "Label these rows or leave them out, and split again.")
    counts = {part: collections.Counter(project.labels(part)) for part in PARTS}
    names = set().union(*counts.values())
    alike = collections.Counter(folded(name) for name in names)
    if any(count > 1 for count in alike.values()):
        double = sorted(name for name in names if alike[folded(name)] > 1)
        saw = f"these differ by spaces or capitals only: {', '.join(map(repr, double))}."
        return Finding("classes", MEND, saw, unseen, "Write them alike, and split again.")
    if len(names) < 2:
        todo = f"Is {project.label!r} the right column? A classifier needs two classes or more."
        return Finding("classes", MEND, f"all texts are {names.pop()!r}.", unseen, todo)
    absent = {PARTS[part]: ", ".join(map(repr, sorted(names - set(seen)))) for part, seen in counts.items()}
    if any(absent.values()):
        saw = "; ".join(f"{which}: not in the {part} part" for part, which in absent.items() if which) + "."
        return Finding("classes", MEND, saw, unseen, "Split so that each class is in every part.")
    name, least = min(((name, counts["test"][name]) for name in sorted(names)), key=lambda pair: pair[1])
    most = max(counts["train"].values()) / len(project.train)
    saw = f"{len(names)} classes, the largest is {most:.2f} of the training part; {name!r} is rarest in test: {least}."
    if least < LIMITS["texts"]:
        todo = f"Fewer than {LIMITS['texts']} test texts measure nothing. Collect more, or join classes."
        return Finding("classes", MEND, saw, unseen, todo)
    return Finding("classes", GOOD, saw, unseen)


def baseline(project):
    """Was a simple method tried, with several settings, on the validation part?"""
    unseen = "what it was fitted on"
    if not project.baselines:
        return Finding(
            "baseline", OPEN, "no simple method is here.", unseen, "Fit one with several settings; baselines={…}."
        )
    scores = project.baseline_scores
    best = max(scores, key=scores.get)
    saw = f"{len(scores)} settings; best on validation: {best}, {_with_error(scores[best], len(project.validation))}."
    if len(scores) < LIMITS["settings"]:
        return Finding("baseline", MEND, saw, unseen, "Tune it as you tune your model: try several settings.")
    name, count = collections.Counter(project.labels("validation")).most_common(1)[0]
    if scores[best] < (chance := count / len(project.validation)):
        saw += f" Whoever always says {name!r} is right more often: {chance:.3f}."
        todo = "Do its answers spell the classes as the table does? If so, that is the baseline: add it."
        return Finding("baseline", MEND, saw, unseen, todo)
    return Finding("baseline", GOOD, saw, unseen)


def seeds(project):
    """Are there runs that differ in the seed only?"""
    unseen = "whether the runs differ in nothing else"
    if not project.runs:
        return Finding(
            "seeds", OPEN, "no run is here.", unseen, "Train with three seeds or more; runs={seed: history}."
        )
    for seed, run in project.runs.items():
        if not np.isfinite(list(run.get(project.monitor, [])) or [np.nan]).all():
            todo = "Train with the validation part, at a rate at which the loss stays a number; give that history."
            return Finding(
                "seeds", MEND, f"run {seed} has no {project.monitor}, or one that is no number.", unseen, todo
            )
    histories = [{name: list(values) for name, values in run.items()} for run in project.runs.values()]
    if any(one in histories[:place] for place, one in enumerate(histories)):
        todo = "A seed changed nothing: set it before the model is made, and train anew for each."
        return Finding("seeds", MEND, "two of the runs are the same to the last digit.", unseen, todo)
    best = np.array([_best(run[project.monitor], project.monitor) for run in project.runs.values()])
    saw = f"{len(best)} seeds, best {project.monitor} from {best.min():.3f} to {best.max():.3f}"
    if len(best) < LIMITS["seeds"]:
        return Finding("seeds", MEND, f"{saw}.", unseen, f"Train with {LIMITS['seeds']} seeds or more.")
    saw += f", {best.mean():.3f} ± {best.std(ddof=1):.3f}"
    if project.baselines and project.monitor == "val_accuracy":
        simple = max(project.baseline_scores.values())
        place = "below" if simple < best.min() else "above" if simple > best.max() else "within"
        saw += f"; the baseline's {simple:.3f} lies {place} this range"
    return Finding("seeds", GOOD, f"{saw}.", unseen)


def epoch(project):
    """Does the model have the weights of its best epoch? It is measured again."""
    unseen = "whether the figure was fixed before the training"
    if project.learner is None or project.learner.history is None:
        return Finding(
            "epoch", OPEN, "no trained learner is here.", unseen, "Give the learner that goes on; learner=…."
        )
    values = project.learner.history.history.get(project.monitor)
    if not values or not np.isfinite(values).any():
        todo = "Train with the validation part: get_learner(…, val_data=…)."
        return Finding("epoch", MEND, f"its training has no {project.monitor}.", unseen, todo)
    if not _is_measured_on(project.learner, project.labels("validation")):
        todo = "Give the learner the validation part: get_learner(…, val_data=…)."
        return Finding("epoch", MEND, "its epochs were measured on other texts than the validation part.", unseen, todo)
    now, best = _now(project, project.monitor), _best(values, project.monitor)
    is_same = [abs(value - now) < 1e-3 for value in values]
    kept = [str(number) for number, same in enumerate(is_same, start=1) if same]
    saw = f"{project.monitor} is {now:.3f} now; its epochs had {', '.join(f'{value:.3f}' for value in values)}."
    if not kept and _is_scaled(project, values):
        saw += " Its accuracy is that of the best epoch: a temperature changes the loss alone."
        return Finding("epoch", GOOD, saw, unseen)
    if not kept:
        return Finding("epoch", MEND, saw, unseen, "This model is none of its epochs. Which weights are these?")
    if abs(now - best) >= 1e-3:
        return Finding("epoch", MEND, saw, unseen, "Keep the best epoch: checkpoint_folder=…, then load_model.")
    return Finding("epoch", GOOD, saw, unseen)


def calibration(project):
    """Do the probabilities come true, as far as so few texts can tell?"""
    unseen = "single groups; and on texts by which a temperature was chosen the error is flattered"
    if project.predictor is None:
        return Finding("calibration", OPEN, "no predictor is here.", unseen, "Make one; predictor=….")
    if project.predictor.preproc.labels.kind != CLASSES:
        return Finding("calibration", OPEN, "it does not answer with one class.", unseen, "Check it by hand.")
    p = project.predictor.predict_proba(project.texts("validation"), verbose=0)
    places = {name: place for place, name in enumerate(project.predictor.get_classes())}
    if strangers := sorted(set(project.labels("validation")) - set(places)):
        saw = f"{', '.join(map(repr, strangers))}: in the validation part, and unknown to the predictor."
        return Finding("calibration", MEND, saw, unseen, "Spell the classes alike, or train with these too.")
    truth = np.array([places[label] for label in project.labels("validation")])
    error, limit = calibration_error(p, truth), error_by_chance(p)
    saw = f"calibration error {error:.3f} on validation; 95 % of calibrated models as sure stay below {limit:.3f}."
    if error > limit:
        return Finding("calibration", MEND, saw, unseen, "Divide the logits by a temperature (lesson 09).")
    return Finding("calibration", GOOD, saw, unseen)


def test_once(project):
    """Was the test set opened once, with the model that goes on?"""
    unseen = "whoever read the file without this log"
    if project.sealed is None:
        return Finding(
            "test", OPEN, "no sealed test is here.", unseen, "Seal it: sealed=SealedTest(texts, labels, log)."
        )
    entries, texts = project.sealed.entries, project.texts("test")
    if project.sealed.fingerprint != digest([*map(str, texts), *project.labels("test")]):
        return Finding(
            "test", MEND, "the sealed test has other texts than the test part.", unseen, "Seal the test part."
        )
    if not entries:
        return Finding("test", OPEN, "not opened yet.", unseen, "When all is chosen, open it once.")
    saw = f"opened {times(len(entries))}, asked: {', '.join(entries[-1]['results'])}."
    if len(entries) > 1:
        todo = "Report how often, and collect new test texts; the old ones have helped to choose."
        return Finding("test", MEND, saw, unseen, todo)
    asked = {result["answers"] for result in entries[-1]["results"].values()}
    if project.predictor is not None and digest(answers_of(project.predictor, texts)) not in asked:
        todo = "Report the model that was asked, or collect new test texts for this one."
        return Finding("test", MEND, f"{saw} The predictor here is another model.", unseen, todo)
    return Finding("test", GOOD, saw, unseen)


def saved(project):
    """Does the saved folder answer as the predictor does?"""
    unseen = "another machine, other versions"
    if project.predictor is None or project.folder is None:
        return Finding("saved", OPEN, "no saved predictor is here.", unseen, "predictor.save(folder); folder=….")
    texts = project.texts("validation")[: LIMITS["asked"]]
    again = load_predictor(project.folder)
    if again.get_classes() != project.predictor.get_classes():
        saw = f"loaded anew; its classes are {', '.join(map(repr, again.get_classes()))}."
        return Finding("saved", MEND, saw, unseen, "Save it again: the folder holds another model.")
    difference = np.abs(again.predict_proba(texts, verbose=0) - project.predictor.predict_proba(texts, verbose=0)).max()
    limit = LIMITS["difference"]
    if not difference <= limit:  # NaN too
        saw = f"loaded anew; over {len(texts)} texts a probability differs by {difference:.4f}."
        return Finding("saved", MEND, saw, unseen, "Save it again: the folder holds another model.")
    saw = f"loaded anew; over {len(texts)} texts no probability differs by more than {limit}."
    return Finding("saved", GOOD, saw, unseen)


def card(project):
    """Is there a model card, without open questions, with the result of the test?"""
    unseen = "whether what it says is true"
    if not project.card.strip():
        return Finding("card", OPEN, "no card is here.", unseen, "ktlearn.predictor.model_card(…) writes most of it.")
    questions = project.card.count(OPEN_QUESTION)
    saw = f"{len(project.card.split()):,} words, {questions} open questions."
    if questions:
        return Finding("card", MEND, saw, unseen, "Answer them: model_card(…, answers={…}). “Not known” is an answer.")
    entries = project.sealed.entries if project.sealed is not None else []
    if not entries:
        todo = "Open the sealed test once, when all is chosen; then model_card(…, tested=…)."
        return Finding("card", OPEN, f"{saw} No test was opened, so it cannot have the result.", unseen, todo)
    figures = [f"| {result['accuracy']:.3f} |" for result in entries[-1]["results"].values()]
    if absent := [figure for figure in figures if figure not in project.card]:
        todo = "Give the result to model_card(…, tested=…)."
        return Finding("card", MEND, f"{saw} The test's {absent[0].strip('| ')} is not in its table.", unseen, todo)
    return Finding("card", GOOD, saw, unseen)


CHECKS = {
    "leaks": leaks,
    "groups": groups,
    "classes": classes,
    "baseline": baseline,
    "seeds": seeds,
    "epoch": epoch,
    "calibration": calibration,
    "test": test_once,
    "saved": saved,
    "card": card,
}


def _lacking(project, column, what):
    """How many rows of each part have nothing in a column, as a sentence; empty when all have something."""
    counts = {part: int(missing(getattr(project, part)[column]).sum()) for part in PARTS}
    found = ", ".join(f"{part}: {count}" for part, count in counts.items() if count)
    return found and f"rows without {what} in {found}."


def _as_typed(group):
    """A group without what is easily typed in another way."""
    return folded(group) if isinstance(group, str) else group


def _is_scaled(project, values):
    """Whether the model may be that of the best epoch with a temperature in its head: it answers as well as that one.

    The other epochs must have had other accuracies, else this says nothing.
    """
    accuracies = project.learner.history.history.get("val_accuracy")
    if project.monitor != "val_loss" or not accuracies:
        return False
    place, now = values.index(_best(values, "val_loss")), _now(project, "val_accuracy")
    same = [number for number, accuracy in enumerate(accuracies) if abs(accuracy - now) < 1e-3]
    return same == [place]


def _now(project, monitor):
    """The figure that chooses an epoch, measured on the model as it is."""
    learner = project.learner
    p, truth = learner.predict(), _truth(learner)
    if monitor == "val_accuracy":
        return float((p.argmax(1) == truth).mean())
    return float(-np.log(np.maximum(p[np.arange(len(p)), truth], 1e-7)).mean())


def _truth(learner):
    """The number of the class of each text that it was measured on, ``(N,)``."""
    truth = np.asarray(learner.ground_truth())
    return truth.argmax(1) if truth.ndim == 2 else truth.astype(int)


def _is_measured_on(learner, labels):
    """Whether the texts that it was measured on have these classes, in this order, whatever their numbers are."""
    truth = _truth(learner).tolist()
    if len(truth) != len(labels):
        return False
    return len(set(zip(labels, truth, strict=True))) == len(set(labels)) == len(set(truth))


def _best(values, monitor):
    """The best of the epochs; one whose figure is no number is none."""
    values = [value for value in values if np.isfinite(value)]
    return max(values) if monitor == "val_accuracy" else min(values)


def _with_error(share, count):
    return f"{share:.3f} ± {(share * (1 - share) / count) ** 0.5:.3f}"


def _short(text, longest=60):
    text = " ".join((text if isinstance(text, str) else " | ".join(text)).split())
    return f'"{text}"' if len(text) <= longest else f'"{text[:longest].rstrip()}…"'
