"""The lessons of a graded course: a student's copy, and the teacher's, which nbgrader can read.

Each graded exercise has one cell, with the stub and the check below it. In a graded course it becomes two: the answer,
and the check, which nbgrader locks. In the teacher's copy the answer is filled in between nbgrader's marks, and the
check's cell holds a hidden test; nbgrader takes both out of what it gives to students, and puts the test back to grade.
"""

import ast
import copy

SCHEMA = 3  # of nbgrader's metadata
ANSWER = "{stub}\n\n### BEGIN SOLUTION\n{target} = {ktlearn}.exercise({number!r}).answer\n### END SOLUTION"
CHECK = "{call}\n### BEGIN HIDDEN TESTS\n{ktlearn}.exercise({number!r}).grade({target})\n### END HIDDEN TESTS"


def for_students(notebook, exercises):
    """The notebook with the graded exercises in two cells each, without answers.

    Args:
        notebook: a lesson's file as JSON gives it.
        exercises: number → `Exercise`, the graded ones.
    """
    return _with_cells(notebook, exercises, "{stub}", "{call}")


def for_teachers(notebook, exercises):
    """The same with answers and hidden tests, as nbgrader's source. The graded cells have no outputs."""
    return _with_cells(notebook, exercises, ANSWER, CHECK)


def names_that_lessons_import(notebook):
    """Pairs (module, name) of what the cells import from the modules of exercises."""
    found = set()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            for node in ast.walk(ast.parse("".join(cell["source"]))):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("ktlearn.exercises.lesson_"):
                    found |= {(node.module.rpartition(".")[2], alias.name) for alias in node.names}
    return found


def _with_cells(notebook, exercises, answer, check):
    new = copy.deepcopy(notebook)
    new["cells"] = []
    for cell in notebook["cells"]:
        call = _call_of_check(cell)
        if call and call["number"] in exercises:
            new["cells"] += _two_cells(cell, call, exercises[call["number"]], answer, check)
        else:
            new["cells"].append(copy.deepcopy(cell))
    return new


def _two_cells(cell, call, exercise, answer, check):
    source = "".join(cell["source"])
    parts = {**call, "stub": source[: -len(call["call"])].rstrip()}
    rest = {name: value for name, value in cell.items() if name not in ("id", "source", "metadata", "outputs")}
    rest |= {"outputs": [], "execution_count": None}
    answered = {"grade": False, "solution": True, "locked": False, "grade_id": cell["id"]}
    checked = {"grade": True, "solution": False, "locked": True, "grade_id": f"{cell['id']}-check"}
    checked["points"] = exercise.minutes
    return [
        {
            "id": about["grade_id"],
            **rest,
            "metadata": {"nbgrader": about},
            "source": text.format(**parts).splitlines(True),
        }
        for about, text in ((_whole(answered), answer), (_whole(checked), check))
    ]


def _whole(about):
    return {**about, "schema_version": SCHEMA, "task": False}


def _call_of_check(cell):
    """The last line ``ktlearn.exercise("2.1").check(answer)``: its text, number and argument; None in other cells."""
    if cell["cell_type"] != "code":
        return None
    source = "".join(cell["source"])
    body = ast.parse(source).body
    node = body[-1].value if body and isinstance(body[-1], ast.Expr) else None
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "check"):
        return None
    inner = node.func.value
    if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "exercise"):
        return None
    return {
        "call": ast.get_source_segment(source, node),
        "number": inner.args[0].value,
        "target": ast.get_source_segment(source, node.args[0]),
        "ktlearn": ast.get_source_segment(source, inner.func.value),
    }
