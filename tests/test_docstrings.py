"""Every public name says what it is, and every name that a reader imports shows it with an example.

The examples themselves are run by pytest (``--doctest-modules``), so here it is enough that there is one. What a
docstring says of arguments and errors is held against the code.
"""

import ast
import builtins
import doctest
import functools
import importlib
import inspect
import json
import pkgutil
import re
import textwrap
from pathlib import Path

import pytest

import ktlearn

ROOT = Path(__file__).parents[1]
READERS_PACKAGES = (
    "",
    ".data",
    ".generate",
    ".learner",
    ".models",
    ".predictor",
    ".project",
    ".tasks",
    ".text",
    ".widgets",
)
# A lesson's exercises are check_2_1 and solution_2_1: what they mean stands in EXERCISES, title, hints and reason.
LESSON = re.compile(r"ktlearn\.exercises\.lesson_[\da-z]\d(_\w+)?")


@functools.cache
def modules():
    names = [found.name for found in pkgutil.walk_packages(ktlearn.__path__, "ktlearn.")]
    return {name: importlib.import_module(name) for name in ["ktlearn", *names] if name != "ktlearn.__main__"}


@functools.cache
def public_names():
    """Everything public that ktlearn defines: a dict, dotted name → function, class, method or property."""
    found = {}
    for name, module in modules().items():
        if LESSON.fullmatch(name):
            continue
        for inside, value in vars(module).items():
            if not inside.startswith("_") and _is_defined_in(value, name):
                found[f"{name}.{inside}"] = value
                found |= {f"{name}.{inside}.{method}": each for method, each in _methods(value)}
    return found


def _is_defined_in(value, module):
    is_one = inspect.isclass(value) or inspect.isfunction(inspect.unwrap(value) if callable(value) else value)
    return is_one and value.__module__ == module


def _methods(value):
    """The public methods and properties of a class, without those that another library describes."""
    if not inspect.isclass(value):
        return
    strangers = [base for base in value.__mro__[1:] if not base.__module__.startswith("ktlearn")]
    for name, inside in vars(value).items():
        is_one = isinstance(inside, (property, classmethod, staticmethod)) or inspect.isfunction(inside)
        if is_one and not name.startswith("_") and not any(name in vars(base) for base in strangers):
            yield name, getattr(value, name)


def docstring(value):
    """What is written for it: for a method perhaps in a base class, for a class only in itself and its __init__."""
    if not inspect.isclass(value):
        return inspect.getdoc(value) or ""
    written = [value.__doc__ or "", vars(value).get("__init__", value).__doc__ or ""]
    by_dataclass = f"{value.__name__}("
    return "\n\n".join(inspect.cleandoc(text) for text in dict.fromkeys(written) if not text.startswith(by_dataclass))


def section(value, title):
    """The entries of ``Args:`` or ``Raises:``, as a list of the words before each colon."""
    block = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", docstring(value) + "\n", re.MULTILINE)
    heads = re.findall(r"^    ([*`\w.]+(?:, [*`\w.]+)*):", block[1], re.MULTILINE) if block else []
    return [name.strip("`*") for head in heads for name in head.split(", ")]


# --- the public names ---------------------------------------------------------------------------


def test_every_module_says_what_it_is_for():
    assert [name for name, module in modules().items() if not module.__doc__] == []


def test_every_public_name_has_a_docstring():
    _none_may_lack("a docstring", public_names(), docstring)


def test_every_argument_that_a_docstring_names_exists():
    invented = {name: set(section(value, "Args")) - _parameters(value) for name, value in public_names().items()}
    _none_may_have("Args: that are no parameters", invented)


def _parameters(value):
    """The names of its parameters; where it hands on ``**kwargs``, also those of the classes above it."""
    if isinstance(value, property):
        return set()
    if not inspect.isclass(value):
        return set(inspect.signature(value).parameters)
    found = set()
    for init in (vars(base)["__init__"] for base in value.__mro__ if "__init__" in vars(base)):
        parameters = inspect.signature(init).parameters.values()
        found |= {parameter.name for parameter in parameters}
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return found


def test_every_error_that_a_docstring_names_exists():
    errors = {name: section(value, "Raises") for name, value in public_names().items()}
    invented = {name: [e for e in errors[name] if not _is_error(e, value)] for name, value in public_names().items()}
    _none_may_have("Raises: that are no exceptions", invented)


def _is_error(name, value):
    found = modules()[_function_of(value).__module__]
    for part in name.split("."):
        found = getattr(found, part, None) or getattr(builtins, part, None)
    return inspect.isclass(found) and issubclass(found, BaseException)


def test_every_error_that_a_function_raises_itself_is_in_its_docstring():
    silent = {name: _raised_by(value) - set(section(value, "Raises")) for name, value in public_names().items()}
    _none_may_have("a raise that Raises: does not name", silent)


def _raised_by(value):
    """The errors in the ``raise`` lines of a function or method, without those of functions inside it."""
    value = _function_of(vars(value).get("__init__") if inspect.isclass(value) else value)
    if not inspect.isfunction(value) or value.__module__ not in modules() or not _is_in_the_source(value):
        return set()
    waiting, found = ast.parse(textwrap.dedent(inspect.getsource(value))).body[0].body, set()
    while waiting:
        node, *waiting = waiting
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            found.add(ast.unparse(node.exc.func))
        if not isinstance(node, (ast.FunctionDef, ast.Lambda, ast.ClassDef)):
            waiting = [*waiting, *ast.iter_child_nodes(node)]
    return found


def _function_of(value):
    return value.fget if isinstance(value, property) else inspect.unwrap(value) if callable(value) else value


def _is_in_the_source(function):
    return function.__code__.co_filename != "<string>"  # where a dataclass writes its own


# --- the names that a reader imports ------------------------------------------------------------


@functools.cache
def readers_names():
    """Functions and classes in the README, the lessons, and ``__all__`` of what they import: dotted name → itself."""
    wanted = {f"ktlearn{package}.{name}" for package in READERS_PACKAGES for name in _all_of(f"ktlearn{package}")}
    for code in readers_code():
        wanted |= set(_imported_in(code))
    values = [_value_of(name) for name in sorted(wanted)]
    values = [value for value in values if inspect.isclass(value) or inspect.isroutine(value)]
    return {f"{value.__module__}.{value.__qualname__}": value for value in values if _is_ours(value)}


def _all_of(package):
    return importlib.import_module(package).__all__


def _is_ours(value):
    return value.__module__.startswith("ktlearn")


def readers_code():
    """The Python in the README, a block each, and in the lessons, a lesson each."""
    yield from re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        lines = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code").splitlines()
        yield "\n".join(line for line in lines if not line.startswith(("%", "!")))


def _imported_in(code):
    """ktlearn's names in some Python: ``from ktlearn.x import y``, and ``x.y`` of a module ``x`` that was imported."""
    tree = ast.parse(code)
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "ktlearn":
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.Import):
            ours = [alias for alias in node.names if alias.name.partition(".")[0] == "ktlearn"]
            known |= {alias.asname or "ktlearn": alias.name if alias.asname else "ktlearn" for alias in ours}
    yield from known.values()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            is_public = rest.replace(".", "").isidentifier() and "._" not in f".{rest}"
            if first in known and inspect.ismodule(_value_of(known[first])) and is_public:
                yield f"{known[first]}.{rest}"


def _value_of(name):
    """What a dotted name means: a module, or something in one. None: an attribute of something made at run time."""
    value = ktlearn
    for part in name.split(".")[1:]:
        if inspect.ismodule(value) and f"{value.__name__}.{part}" in modules():
            value = getattr(value, part, modules()[f"{value.__name__}.{part}"])
        else:
            value = getattr(value, part, None)
    return value


def test_the_readers_names_are_found_in_readme_and_lessons():
    assert {"ktlearn.text.transformer.Transformer", "ktlearn.attention.causal_mask"} <= readers_names().keys()
    found = set(_imported_in("import ktlearn as k\nfrom ktlearn import text as t\nk.get_learner(t.Transformer().fit)"))
    assert {"ktlearn.get_learner", "ktlearn.text.Transformer"} <= found


def test_every_name_that_a_reader_imports_has_an_example():
    _none_may_lack("an example", readers_names(), _examples)


def _examples(value):
    examples = doctest.DocTestParser().get_examples(docstring(value))
    return [example for example in examples if not example.options.get(doctest.SKIP)]


def _none_may_lack(what, names, found_in):
    lacking = sorted(name for name, value in names.items() if not found_in(value))
    if lacking:
        count = f"{len(names) - len(lacking)} of {len(names)} names have {what}. These {len(lacking)} have none:"
        pytest.fail("\n  ".join([count, *lacking]), pytrace=False)


def _none_may_have(what, found):
    lines = [f"{name}: {', '.join(sorted(words))}" for name, words in sorted(found.items()) if words]
    if lines:
        pytest.fail("\n  ".join([f"{len(lines)} names have {what}:", *lines]), pytrace=False)
