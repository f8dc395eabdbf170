"""The code of a lesson's own cells, for measurements that repeat what the lesson does once."""

import ast

import nbformat


def run_cells(path, ids, names=None):
    """Run cells of a lesson, and answer all names that they define.

    Args:
        path: the notebook.
        ids: the ids of the cells, in the order in which they run.
        names: a dictionary of names to go on with; None: a new one, with all imports of the lesson.
    """
    sources = {cell.id: cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"}
    del sources["bootstrap"]
    if names is None:
        statements = [node for source in sources.values() for node in ast.parse(source).body]
        imports = [node for node in statements if isinstance(node, ast.Import | ast.ImportFrom)]
        names = {}
        exec(ast.unparse(ast.Module(imports, [])), names)
    for name in ids:
        exec(sources[name], names)
    return names
