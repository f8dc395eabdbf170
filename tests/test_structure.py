"""How ktlearn's modules stand to each other: read from their import lines, those inside functions too.

Nothing is imported here. An import inside a function ("lazy") points in the same direction as any other; it is there
because what it brings is heavy or seldom wanted, never to get round a circle.
"""

import ast
import functools
import graphlib
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

# The street, from its end: a part imports only what stands before it here, and itself.
HEART = ("rotary", "attention", "layers", "transformer", "seq2seq", "generate")
BESIDE_THE_HEART = ("kinds", "optimizers", "plots", "schedules", "seeding")
OLD_NAMES = ("bundled", "lessons", "model_state")  # one import line each, for names that lessons and readers know
STREET = (
    *("backend", "support", "heart", "data", "models", "text", "learner", "predictor", "project"),
    *("widgets", "diagrams", "tasks"),
    *("exercises", "course", "ktlearn"),
)
# These see what a reader sees: `import ktlearn` itself. And only the top level knows them, and who is named here.
FOR_READERS = ("exercises", "course")
KNOWS = {"exercises": ("course",)}  # a learner's progress through the course is told in its exercises

# Upward, and only inside a function: who, what, why.
UPWARD = {
    ("ktlearn.text", "ktlearn.predictor.sentence_encoder"): "ktrain keeps this name beside its loaders",
    ("ktlearn.text", "ktlearn.predictor.zero_shot"): "ktrain keeps this name beside its loaders",
    ("ktlearn.predictor.predictor", "ktlearn.widgets"): "predictor.attention() shows a widget",
}


class Import(NamedTuple):
    module: str
    target: str
    is_lazy: bool

    def __str__(self):
        return f"{self.module} → {self.target}" + (" (inside a function)" if self.is_lazy else "")


@functools.cache
def modules():
    """All modules of ktlearn: a dict, dotted name → syntax tree."""
    found = {}
    for path in sorted((ROOT / "ktlearn").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
    return found


@functools.cache
def imports():
    return [found for name, tree in modules().items() for found in _imports_in(name, tree, tree, is_lazy=False)]


def _imports_in(name, tree, node, is_lazy):
    for child in ast.iter_child_nodes(node):
        for target in _targets(tree, child):
            if _root(target) in ("ktlearn", "recipes", "tests"):
                yield Import(name, target, is_lazy)
        is_function = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        yield from _imports_in(name, tree, child, is_lazy or is_function)


def _targets(tree, node):
    """The modules that a node of the syntax tree imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "ktlearn writes whole names: from ktlearn.text import …"
        inside = [f"{node.module}.{alias.name}" for alias in node.names]
        return [name if name in modules() else node.module for name in inside]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
        return _named_by(tree, node.args[0])
    return []


def _named_by(tree, argument):
    """What ``import_module`` is given: a name, ``f"ktlearn.lesson_{…}"``, or an entry of a table of the module."""
    if isinstance(argument, ast.Constant):
        return [argument.value]
    start = argument.values[0].value if isinstance(argument, ast.JoinedStr) else ""
    if start and not start.endswith("."):
        found = [name for name in modules() if name.startswith(start)]
    else:
        tables = [node.value for node in tree.body if isinstance(node, ast.Assign)]
        words = [node.value for table in tables for node in ast.walk(table) if isinstance(node, ast.Constant)]
        found = [f"{start}{word}" for word in words if f"{start}{word}" in modules()]
    assert found, f"import_module({ast.unparse(argument)}): this test cannot tell what is meant"
    return found


def _root(name):
    return name.partition(".")[0]


def part_of(module):
    """The part of the street in which a module stands."""
    first = module.split(".")[1] if "." in module else "ktlearn"
    if first in HEART + BESIDE_THE_HEART:
        return "heart"
    return "ktlearn" if first in (*OLD_NAMES, "__main__") else first


def test_every_part_has_its_place_on_the_street():
    assert {part_of(module) for module in modules()} - set(STREET) == set()


def test_the_top_level_holds_only_what_a_reader_meets_first():
    top = {path.stem for path in (ROOT / "ktlearn").glob("*.py")}
    assert top - {"__init__", "__main__", "backend", *HEART, *BESIDE_THE_HEART, *OLD_NAMES} == set()


def test_the_readme_shows_every_part():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = {f"{name.split('.')[1]}/" for name in modules() if name.count(".") > 1}
    parts |= {path.name for path in (ROOT / "ktlearn").glob("*.py") if path.stem in HEART + BESIDE_THE_HEART}
    parts.add("backend.py")
    assert [part for part in sorted(parts) if f"`{part}`" not in readme] == []


def test_imports_point_down_the_street():
    upward = [one for one in imports() if _is_upward(one) and not _is_allowed(one)]
    assert not upward, "these import what stands further up:\n" + _lines(upward)


def test_each_exception_is_still_needed():
    found = {(one.module, one.target) for one in imports() if _is_upward(one)}
    assert set(UPWARD) - found == set()


def _is_upward(found):
    here, there = part_of(found.module), part_of(found.target)
    if found.target == "ktlearn":
        return here not in (*FOR_READERS, "ktlearn")
    if there in FOR_READERS:
        return here not in (there, "ktlearn", *KNOWS.get(there, ()))
    return _root(found.target) != "ktlearn" or STREET.index(there) > STREET.index(here)


def _lines(imports):
    return "\n".join(sorted({str(one) for one in imports}))


def _is_allowed(found):
    return found.is_lazy and (found.module, found.target) in UPWARD


def test_no_module_imports_itself_in_a_circle():
    graph = {name: set() for name in modules()}
    for one in imports():
        # `import ktlearn` alone can make no circle: it is always loaded before its parts.
        if one.target != "ktlearn" and not _is_allowed(one):
            graph[one.module].add(one.target)
    circle = ()
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = error.args[1]
    assert not circle, "a circle, each imports the one before it: " + " ← ".join(circle)


def test_an_import_inside_a_function_brings_something_new():
    # The solution of an exercise is shown as it stands, so it imports as a reader does.
    lazy = [one for one in imports() if one.is_lazy and not one.module.startswith("ktlearn.exercises.lesson_")]
    idle = [one for one in lazy if one.target in _loaded_with(one.module)]
    assert not idle, "loaded anyway, so import it at the top:\n" + _lines(idle)


@functools.cache
def _loaded_with(module):
    """Everything of ktlearn that is loaded once ``module`` is: what it imports at the top, and the packages around."""
    top = {}
    for one in imports():
        if not one.is_lazy:
            top.setdefault(one.module, []).append(one.target)
    loaded, waiting = set(), _packages_of(module) + top.get(module, [])
    while waiting:
        name = waiting.pop()
        if name not in loaded:
            loaded.add(name)
            waiting += _packages_of(name) + top.get(name, [])
    return loaded


def _packages_of(module):
    parts = module.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts))]
