"""A small lesson that keeps every rule, for tests that then break one."""

import json

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from ktlearn.course.stamp import FOLDED

HEAD = """# 99 · A sample

After this lesson you can

- say what a rule is.

| reading and doing | running, 2 CPU cores | memory | you need |
|---|---|---|---|
| about 20 minutes, exercises 10 more | about 10 seconds | 0.2 GB | nothing |"""

END = """## What to remember

- Rules are kept by tests.

## Exercises

Break one.

## Further reading

- The module lesson_rules."""

PICTURE = {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}


def write_sample_lesson(path, change=None):
    """Write the lesson to ``path``; ``change`` may first alter the notebook and its cells, a dict by id."""
    cells = {
        "title": new_markdown_cell(HEAD),
        "colab": new_markdown_cell("<!-- no link -->"),
        "bootstrap": new_code_cell("import ktlearn", metadata=FOLDED),
        "first": new_markdown_cell("We add. " + "word " * 2000),
        "sum": _code("total = 1 + 1\nprint(total)", new_output("stream", name="stdout", text="2\n")),
        "second": new_markdown_cell("See [the sum](#A-heading).\n\n## A heading\n\nNow a picture."),
        "draw": _code("plt.plot([1, 2])", new_output("display_data", data=dict(PICTURE))),
        "drawn": new_markdown_cell("A straight line rises from one at the left to two at the right."),
        "show": _code("total", new_output("execute_result", data={"text/plain": "2"})),
        "end": new_markdown_cell(END),
    }
    for name, cell in cells.items():
        cell.id = name
    notebook = new_notebook(cells=list(cells.values()))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    if change:
        change(notebook, cells)
    path.write_text(json.dumps(notebook))
    return path


def _code(source, output):
    return new_code_cell(source, outputs=[output])
