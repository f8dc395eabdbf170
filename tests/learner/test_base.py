"""The learner's parts stand side by side on one base: none calls another, and the base alone holds the state."""

import ast
from pathlib import Path

import pytest

from ktlearn import learner

FOLDER = Path(learner.__file__).parent
PARTS = ["fitting.py", "lr_find.py", "examining.py", "layer_control.py", "memory.py", "learner.py"]


def classes(file):
    return [node for node in ast.parse((FOLDER / file).read_text("utf-8")).body if isinstance(node, ast.ClassDef)]


def own(node):
    """The names ``self.…`` in a class, and of these the ones that it sets."""
    found = [x for x in ast.walk(node) if isinstance(x, ast.Attribute) and getattr(x.value, "id", None) == "self"]
    return {x.attr for x in found}, {x.attr for x in found if isinstance(x.ctx, ast.Store)}


def defined(node):
    """What a class itself defines: its methods and class attributes, and what its methods set in ``self``."""
    methods = {x.name for x in node.body if isinstance(x, ast.FunctionDef)}
    return methods | {x.id for x in ast.walk(node) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store)}


BASE = classes("base.py")[0]


@pytest.mark.parametrize("file", PARTS)
def test_every_self_call_resolves_in_its_own_file_or_in_the_base(file):
    part = next(node for node in classes(file) if {"LearnerBase", "Fitting"} & {base.id for base in node.bases})
    known = defined(part) | defined(BASE) | own(BASE)[1]
    assert own(part)[0] <= known


@pytest.mark.parametrize("file", PARTS)
def test_no_part_has_a_state_that_the_base_does_not_know(file):
    for node in classes(file):
        if {"LearnerBase", "Fitting"} & {getattr(base, "id", "") for base in node.bases}:
            assert own(node)[1] <= own(BASE)[1]
            attributes = [x for x in node.body if isinstance(x, (ast.Assign, ast.AnnAssign))]
            assert [x for x in attributes if not isinstance(x.value, ast.Name)] == []  # another name of a method may be


def test_all_that_a_training_leaves_is_forgotten_with_the_model():
    set_once = next(x for x in BASE.body if getattr(x, "name", "") == "__init__")
    forgotten = next(x for x in BASE.body if getattr(x, "name", "") == "_take")
    data_and_sizes = {"train_data", "val_data", "batch_size", "eval_batch_size"}
    assert own(set_once)[1] == data_and_sizes
    assert own(BASE)[1] - data_and_sizes == own(forgotten)[1]
