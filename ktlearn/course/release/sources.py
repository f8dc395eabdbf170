"""The exercises' source without the answers to some of them.

A graded exercise becomes a `ktlearn.exercises.graded.Graded`. Then everything goes that nothing needs any more: its
check, its solution, the lists of near misses that the check compares with, and the imports of all these. What the
lessons themselves import from these modules stays.
"""

import ast
import re
from collections import defaultdict

KEPT_OF_A_CALL = ("minutes", "difficulty")
SCOPES = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.FunctionDef, ast.ClassDef)


def without_answers(sources, graded, needed=()):
    """The modules without the checks and solutions of the graded exercises.

    Args:
        sources: module name (``"lesson_02"``) → its text; all modules of exercises.
        graded: the numbers of the exercises whose answers go.
        needed: pairs (module name, name) that the lessons import.

    Returns:
        Module name → text. A lesson without a graded exercise is not touched.

    Raises:
        ValueError: an exercise that stays cannot do without the solution of one that goes.
    """
    modules = {name: _Module(text, graded, sources) for name, text in sources.items()}
    touched = {name.split("_")[1] for name, module in modules.items() if module.removed}
    reached = _reached(modules, needed)
    for name, module in modules.items():
        for number, function in module.removed.items():
            places = {(name, function), module.imported.get(function, (name, function))}
            if places & reached:
                raise ValueError(
                    f"Exercise {number} cannot be graded alone: another exercise or a lesson uses its solution "
                    f"({function} in {name}.py). Grade the other exercises of its lesson too, or leave it out."
                )
    return {
        name: module.written({own for at, own in reached if at == name})
        if name.split("_")[1] in touched
        else module.text
        for name, module in modules.items()
    }


class _Module:
    """A module: its statements, what each defines and uses, and its graded exercises replaced."""

    def __init__(self, text, graded, others):
        self.text, self.tree = text, ast.parse(text)
        self.removed = {}  # number → the name of its solution
        self.changed = set()  # statements that were rewritten
        for statement in self.tree.body:
            replacer = _Replacer(graded)
            replacer.visit(statement)
            if replacer.removed:
                self.removed |= replacer.removed
                self.changed.add(statement)
        self.defining = defaultdict(list)
        self.imported = {}  # name here → (module, name there), of other modules of exercises
        for statement in self.tree.body:
            for name in _defined_by(statement):
                self.defining[name].append(statement)
            if isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(
                "ktlearn.exercises.lesson_"
            ):
                home = statement.module.rpartition(".")[2]
                self.imported |= {alias.asname or alias.name: (home, alias.name) for alias in statement.names}

    def written(self, names):
        """The text with the statements that define one of the names, and its first docstring."""
        parts = [ast.get_source_segment(self.text, self.tree.body[0])] if ast.get_docstring(self.tree) else []
        if self.changed:
            parts.append("from ktlearn.exercises.graded import Graded")
        for statement in self.tree.body:
            if _defined_by(statement) & names:
                parts.append(self._written(statement, names))
        return "\n\n".join(parts) + "\n"

    def _written(self, statement, names):
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            statement.names = [alias for alias in statement.names if _name_of(alias) in names]
            return ast.unparse(statement)
        if statement in self.changed:
            return ast.unparse(statement).replace("Graded(", "\n    Graded(")
        first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
        return "\n".join(self.text.split("\n")[first - 1 : statement.end_lineno])


class _Replacer(ast.NodeTransformer):
    """Puts ``Graded(…)`` in place of each graded ``Exercise(…)``."""

    def __init__(self, graded):
        self.graded, self.removed = graded, {}

    def visit_Call(self, node):
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == "Exercise" and node.args):
            return node
        number = node.args[0].value
        if number not in self.graded:
            return node
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        self.removed[number] = given["solution"].id
        kept = [ast.keyword(name, given[name]) for name in KEPT_OF_A_CALL]
        kept.append(ast.keyword("hint", given["hints"].elts[0]))
        return ast.copy_location(ast.Call(ast.Name("Graded", ast.Load()), node.args[:2], kept), node)


def _reached(modules, needed):
    """All pairs (module, name) that the lists of exercises, and the lessons, cannot do without."""
    wanted = [(name, "EXERCISES") for name in modules if re.fullmatch(r"lesson_\w\d", name)] + list(needed)
    reached = set()
    while wanted:
        place = wanted.pop()
        if place in reached or place[0] not in modules:
            continue
        reached.add(place)
        module, name = modules[place[0]], place[1]
        if name in module.imported:
            wanted.append(module.imported[name])
        for statement in module.defining[name]:
            wanted += [(place[0], used) for used in _used_by(statement) if used in module.defining]
    return reached


def _defined_by(statement):
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {_name_of(alias) for alias in statement.names}
    return {node.id for node in _outside(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _outside(node):
    """The nodes of a statement that are not inside a comprehension or a function: the names there are its own."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, SCOPES):
            yield from _outside(child)


def _used_by(statement):
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return set()
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _name_of(alias):
    return alias.asname or alias.name.partition(".")[0]
