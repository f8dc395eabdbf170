"""A project: its data, its models and what was measured, in one place where a program can look at them."""

import dataclasses
import functools
from typing import Any

import numpy as np

from ktlearn.project import checks
from ktlearn.project.rubric import Rubric
from ktlearn.project.sealed import answers_of

PARTS = ("train", "validation", "test")


@dataclasses.dataclass
class Project:
    """What a reader's own project consists of. Begin with the three tables, and add the rest as it comes.

    Args:
        train, validation, test: pandas tables, a text in each row.
        text, label: the columns with the texts and their classes.
        group: the column that says which texts belong together (one author, one thread, one product), or None.
        baselines: setting → a fitted simple model, whose ``predict`` takes a list of texts: the settings tried.
        runs: seed → the ``history.history`` of a training that differs from the others in its seed only.
        learner: the learner of the run that goes on, with the validation part as its ``val_data``.
        predictor: the predictor that is made of it.
        folder: where the predictor was saved.
        sealed: the :class:`ktlearn.project.SealedTest` of the test part.
        card: the model card, as Markdown.
        monitor: the figure that chooses the epoch: "val_accuracy" or "val_loss".

    Raises:
        ValueError, TypeError: a part is no table, is empty, or lacks a column; or another figure.

    >>> import pandas as pd
    >>> rows = pd.DataFrame({"text": ["Cold soup, warm beer.", "A long walk by the sea."], "label": ["bad", "good"]})
    >>> project = Project(train=rows, validation=rows, test=rows)
    >>> project.check()["leaks"].verdict
    'mend'
    """

    train: Any
    validation: Any
    test: Any
    text: str = "text"
    label: str = "label"
    group: str | None = None
    baselines: dict = dataclasses.field(default_factory=dict)
    runs: dict = dataclasses.field(default_factory=dict)
    learner: Any = None
    predictor: Any = None
    folder: Any = None
    sealed: Any = None
    card: str = ""
    monitor: str = "val_accuracy"

    def __post_init__(self):
        columns = [self.text, self.label, *([self.group] if self.group is not None else [])]
        for name in PARTS:
            table = getattr(self, name)
            if not hasattr(table, "columns"):
                raise TypeError(f"{name} must be a pandas DataFrame, a text in each row; got {type(table).__name__}.")
            if missing := [column for column in columns if column not in table.columns]:
                raise ValueError(f"{name} has no column {missing[0]!r}; it has {list(table.columns)}.")
            if not len(table):
                raise ValueError(f"{name} is empty. Each part needs texts.")
        if self.monitor not in checks.MONITORS:
            raise ValueError(f"monitor must be one of {', '.join(checks.MONITORS)}; got {self.monitor!r}.")

    def __repr__(self):
        return "<Project: " + ", ".join(f"{name} {len(getattr(self, name)):,} texts" for name in PARTS) + ">"

    def texts(self, part):
        """The texts of a part, as a list."""
        return getattr(self, part)[self.text].tolist()

    def labels(self, part):
        """The classes of a part, as a list of strings."""
        return [str(label) for label in getattr(self, part)[self.label]]

    def check(self, *names):
        """Look at all that is here: a :class:`ktlearn.project.rubric.Rubric` with a finding for each rule.

        Nothing is trained. The test texts are compared with the others; no model's answers to them are shown or judged.

        Args:
            *names: only these checks, such as ``"leaks", "seeds"``; all when there is none.

        Raises:
            ValueError: there is no check of this name.
        """
        for name in names:
            if name not in checks.CHECKS:
                raise ValueError(f"There is no check {name!r}; there are {', '.join(checks.CHECKS)}.")
        look = _Look(**{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})
        return Rubric(check(look) for name, check in checks.CHECKS.items() if not names or name in names)


class _Look(Project):
    """A project during one look at it: what two checks need is asked once, and anew at the next look."""

    @functools.cached_property
    def baseline_scores(self):
        """Setting → accuracy on the validation part."""
        texts, truth = self.texts("validation"), np.array(self.labels("validation"))
        return {str(name): float((answers_of(model, texts) == truth).mean()) for name, model in self.baselines.items()}
