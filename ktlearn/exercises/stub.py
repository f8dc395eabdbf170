"""Has the reader begun? An answer that is still ``...``, None, or a function with nothing in it, is a stub.

The source is read with ``ast``, so that a stub is never run. Where there is no source (code made by ``exec``),
the result of a run decides: see ``Exercise.check``.
"""

import ast
import inspect
import textwrap

DOTS = {"...", "return ..."}
EMPTY = {"pass", "None", "return", "return None"}  # in a class, an empty method may be meant


def is_stub(answer):
    """Is there nothing in this answer yet?

    >>> is_stub(...), is_stub([None, None]), is_stub([0.5, 0.5])
    (True, True, False)
    """
    if inspect.isclass(answer):
        return any(_nothing_in(tree, DOTS) for tree in _trees(answer))
    if inspect.isfunction(answer):
        return any(_nothing_in(tree, DOTS | EMPTY) for tree in _trees(answer))
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return len(answer) > 0 and all(is_stub(part) for part in answer)
    return answer is None or answer is ... or (isinstance(answer, str) and answer.strip() in ("", "...", "…"))


def has_dots(answer, lone=False):
    """Does a value, or the source of a function or a class, still hold a ``...`` that stands for something?

    A lone ``...`` between finished lines stands for nothing and counts only with ``lone``; an index
    ``x[..., 0]`` never counts.
    """
    if inspect.isclass(answer) or inspect.isfunction(answer):
        nodes = [node for tree in _trees(answer) for node in ast.walk(tree)]
        return any(_is_dots(value) for node in nodes for value in _values(node, lone))
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, (list, tuple)):
        return any(has_dots(part) for part in answer)
    return answer is ...


def has_source(function):
    """Can the source be read, so that ``is_stub`` knows?"""
    return bool(_trees(function))


def _trees(answer):
    functions = [f for f in vars(answer).values() if inspect.isfunction(f)] if inspect.isclass(answer) else [answer]
    return [tree for function in functions for tree in _tree(function)]


def _tree(function):
    """The function's own node: a list of one, or of none where the source cannot be read."""
    try:
        module = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return []
    kinds = ast.Lambda if function.__name__ == "<lambda>" else (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node for node in ast.walk(module) if isinstance(node, kinds)][:1]


def _nothing_in(tree, blank):
    """Is the body, without its docstring, only statements that say nothing?"""
    if isinstance(tree, ast.Lambda):
        return ast.unparse(tree.body) in blank
    return all(ast.unparse(node) in blank for node in tree.body if not _is_text(node))


def _values(node, lone):
    """What a node assigns, returns, or hands to a call."""
    if isinstance(node, ast.Call):
        return [*node.args, *(keyword.value for keyword in node.keywords)]
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.Return, ast.keyword)):
        return node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return [node.value] if lone and isinstance(node, ast.Expr) else []


def _is_text(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_dots(node):
    return isinstance(node, ast.Constant) and node.value is ...
