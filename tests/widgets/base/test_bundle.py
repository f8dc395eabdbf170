"""A widget's script and style, each as one text: what is imported comes first, what only authors need is left out."""

import re
import shutil
import subprocess

import pytest

from ktlearn.widgets import AttentionView, MaskPainter, ModelView, PositionExplorer, SoftmaxPlayground
from ktlearn.widgets.base.bundle import FROZEN, WIDGETS, as_module, as_script, scripts, small, stylesheet
from ktlearn.widgets.base.colours import DARK, LIGHT

WIDGETS_ALL = (AttentionView, MaskPainter, ModelView, PositionExplorer, SoftmaxPlayground)
of_each_widget = pytest.mark.parametrize("script", [widget._script for widget in WIDGETS_ALL])
JAVASCRIPT = sorted(WIDGETS.rglob("*.js"))
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:function|class|const|let) +(?:(\w+)|\{ (.*?) \})|^  (\w+) = ", re.MULTILINE
)


def test_a_script_stands_after_what_it_imports():
    names = [path.relative_to(WIDGETS).as_posix() for path in scripts("mask/painter.js")]
    assert names[-1] == "mask/painter.js"
    assert len(names) == len(set(names))
    assert names.index("base/kit.js") < names.index("base/frame.js") < names.index("base/trait_widget.js")


@of_each_widget
def test_a_module_imports_nothing_and_exports_what_anywidget_asks_for(script):
    module = as_module(script)
    assert not re.search(r"\bimport\b", module)
    assert re.findall(r"\bexport\b.*", module) == ["export default{render};"]


@of_each_widget
def test_a_script_for_any_page_exports_nothing(script):
    code = as_script(script)
    assert not re.search(r"\b(import|export)\b", code)
    assert "function thaw(" in code


@of_each_widget
def test_no_two_files_of_a_bundle_use_the_same_name(script):
    """They become one scope: a second function of a name would silently replace the first one."""
    names = {}
    for path in scripts(script, FROZEN):
        for name, several, next_one in TOP_LEVEL.findall(path.read_text(encoding="utf-8")):
            for each in several.split(", ") if several else [name or next_one]:
                names.setdefault(each, []).append(path.name)
    assert {"clamp", "render", "thaw"} <= set(names)
    assert {name: files for name, files in names.items() if len(files) > 1} == {}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("const a = 1; // a comment\nconst b = 2;\n", "let a=1;let b=2;"),
        ("/** Two\n * lines. */\nfunction f(x, y) {\n  return x + y;\n}\n", "function f(x,y){return x+y}"),
        ('say("// no comment", "a  =>  b");', 'say("// no comment","a  =>  b");'),
        ("say('/* none */', `http://${ a + b }  /* none */`);", "say('/* none */',`http://${ a + b }  /* none */`);"),
        ('x.replace(/[/"]  \\/* "/g, "//");', 'x.replace(/[/"]  \\/* "/g,"//");'),
        ("const is = /a b/;", "let is=/a b/;"),
        ("a = b / c; // d / e", "a=b/c;"),
        ("a = b + +c - -d + e;", "a=b+ +c- -d+e;"),
        ("return typeof x in y;", "return typeof x in y;"),
        ("if (a) b();\nelse c();\n", "if(a)b();else c();"),
        ("call(\n  a,\n  [b, c],\n);\n", "call(a,[b,c]);"),
        ("const constant = 1;", "let constant=1;"),
    ],
)
def test_comments_and_space_are_left_out_but_texts_stay(code, expected):
    assert small(code) == expected


@pytest.mark.parametrize("path", JAVASCRIPT, ids=lambda path: path.relative_to(WIDGETS).as_posix())
def test_the_texts_of_a_file_stand_within_their_lines(path):
    """Otherwise ``small`` would not know where they end."""
    lines = path.read_text(encoding="utf-8").splitlines()
    code = [re.sub(r"^\s*(//|/?\*).*", "", line) for line in lines]
    assert [line for line in code if line.count("`") % 2] == []


@pytest.mark.parametrize("path", [*JAVASCRIPT, *WIDGETS.rglob("*.css")], ids=lambda path: path.name)
def test_no_line_is_longer_than_those_of_python(path):
    assert [line for line in path.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []


@of_each_widget
def test_what_is_left_is_javascript(script, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no Node.js: the browser tests run the same code")
    for name, code in {"module.mjs": as_module(script), "script.js": f"(() => {{{as_script(script)}}})();"}.items():
        (tmp_path / name).write_text(code, encoding="utf-8")
        done = subprocess.run([node, "--check", tmp_path / name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


@of_each_widget
def test_a_style_has_the_colours_of_both_themes_and_all_that_it_uses(script):
    style = stylesheet(script)
    light, dark = (re.search(rf"^{selector} {{(.*)}}$", style, re.MULTILINE)[1] for selector in
                   (r"\.kt-widget", r"\.kt-widget\.kt-dark"))  # fmt: skip
    assert f"--kt-ink: {LIGHT['ink']};" in light
    assert f"--kt-ink: {DARK['ink']};" in dark
    used = set(re.findall(r"var\((--kt-[\w-]+)", style + as_module(script)))
    of_one_row = {"--kt-key", "--kt-head", "--kt-wide"}  # set by the script
    assert {name for name in used if f"{name}:" not in style} <= of_one_row | {"--kt-heads-"}


def test_no_colour_is_written_twice():
    for path in [*JAVASCRIPT, *WIDGETS.rglob("*.css")]:
        assert re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8")) == [], path.name
