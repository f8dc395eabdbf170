"""What a reader meets: one line, whatever the answer is or does."""

import random
import subprocess
import sys
import textwrap
import warnings

import nbformat
import numpy as np
import pytest
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, NbvalKernelspecManager

import ktlearn
from ktlearn.exercises.compare import as_array, compare, is_close, must_be_close
from ktlearn.exercises.exercise import Exercise, NotYet
from ktlearn.exercises.find import exercises_of, lessons_with_exercises
from tests.exercises.answers import NOT_ATTEMPTED, diagnosis_of, line_of

RIGHT = "✓ Right."


def softmax(scores):
    """Made for these tests."""
    e = np.exp(scores - scores.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)  # (L_q, L_k)


def over_queries(scores):
    return softmax(scores.T).T


def check_softmax(answer):
    scores = np.random.default_rng().normal(size=(3, 5))
    compare(answer, softmax, scores, mistakes=[(over_queries, "the softmax runs over the queries.")])


def check_row(answer):
    must_be_close(answer, row(), "the row", atol=0.006)


def row():
    return np.array([0.5, 0.25, 0.25])


class Doubler:
    def call(self, x):
        return 2 * x


def check_doubler(answer):
    must_be_close(answer().call(np.ones(3)), 2 * np.ones(3), "the output")


def make(check, solution):
    return Exercise("0.1", "A title", 5, 2, check, solution, "The reason.", ("nudge", "more", "nearly"))


@pytest.fixture
def function():
    return make(check_softmax, softmax)


@pytest.fixture
def value():
    return make(check_row, row)


# --- not attempted -----------------------------------------------------------------------------


def only_dots(scores): ...


def only_text(scores):
    """The weights, (L_q, L_k)."""


def text_and_dots(scores):
    """The weights, (L_q, L_k)."""
    ...


def only_pass(scores):
    pass


def returns_dots(scores):
    return ...


def returns_none(scores):
    return None


def returns_two_dots(scores):
    return ..., ...


def half_done(scores):
    e = np.exp(scores)
    total = ...
    return e / total


def dots_in_a_call(scores):
    return softmax(...)


def begun_and_dots(scores):
    scores = scores.max(-1)
    ...


def two_assigned_dots(scores):
    largest, total = ..., ...
    return np.exp(scores - largest) / total


def dots_in_a_sum(scores):
    return softmax(scores - ...)


FUNCTION_STUBS = [
    only_dots,
    only_text,
    text_and_dots,
    only_pass,
    returns_dots,
    returns_none,
    returns_two_dots,
    half_done,
    dots_in_a_call,
    two_assigned_dots,
    dots_in_a_sum,
    begun_and_dots,
    lambda scores: ...,
]


@pytest.mark.parametrize("stub", FUNCTION_STUBS, ids=lambda stub: stub.__name__)
def test_a_function_with_dots_or_nothing_in_it_is_not_attempted(function, stub):
    assert line_of(function, stub) == NOT_ATTEMPTED


@pytest.mark.parametrize("stub", [..., None, [..., ...], [None, None], (None, ...), {"a": ..., "b": ...}, "", "..."])
def test_a_value_with_nothing_in_it_is_not_attempted(value, stub):
    assert line_of(value, stub) == NOT_ATTEMPTED


def test_a_value_with_dots_left_is_not_attempted(value):
    assert line_of(value, [0.5, 0.25, ...]) == NOT_ATTEMPTED


def test_a_class_whose_method_is_a_stub_is_not_attempted():
    class Started:
        def __init__(self):
            self.factor = 2

        def call(self, x): ...

    assert line_of(make(check_doubler, Doubler), Started) == NOT_ATTEMPTED


def test_a_class_with_dots_left_is_not_attempted():
    class Started:
        def call(self, x):
            factor = ...
            return factor

    assert line_of(make(check_doubler, Doubler), Started) == NOT_ATTEMPTED


def test_a_stub_without_source_is_not_attempted(function):
    names = {}
    exec("def stub(scores): ...", names)
    assert line_of(function, names["stub"]) == NOT_ATTEMPTED


def test_a_stub_is_never_run_even_with_wrong_parameters(function):
    def stub(): ...

    assert line_of(function, stub) == NOT_ATTEMPTED


# --- right -------------------------------------------------------------------------------------


def dots_left_above(scores):
    ...
    return softmax(scores)


def dots_in_an_index(scores):
    return softmax(scores)[..., :]


@pytest.mark.parametrize("right", [softmax, dots_left_above, dots_in_an_index, lambda s: softmax(s).tolist()])
def test_a_right_function_is_right(function, right):
    assert line_of(function, right) == RIGHT


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda x: np.array(x, dtype="float32")])
def test_a_right_value_is_right_in_any_form(value, form):
    assert line_of(value, form([0.5, 0.25, 0.25])) == RIGHT


def test_a_keras_tensor_is_a_value_too(value, function):
    from ktlearn.backend import ops

    assert line_of(value, ops.convert_to_tensor([0.5, 0.25, 0.25])) == RIGHT
    assert line_of(function, lambda s: ops.softmax(ops.convert_to_tensor(s), axis=-1)) == RIGHT


def test_a_class_is_right():
    assert line_of(make(check_doubler, Doubler), Doubler) == RIGHT


# --- not yet -----------------------------------------------------------------------------------


def test_a_known_mistake_is_named(function):
    assert diagnosis_of(function, over_queries) == "the softmax runs over the queries."


def test_dots_left_between_finished_lines_do_not_hide_the_mistake(function):
    def answer(scores):
        ...
        return over_queries(scores)

    assert diagnosis_of(function, answer) == "the softmax runs over the queries."


def test_a_right_answer_wins_over_a_known_mistake():
    def check(answer):  # one query: the mistake gives the same numbers
        compare(answer, softmax, np.zeros((1, 1)), mistakes=[(over_queries, "the softmax runs over the queries.")])

    assert line_of(make(check, softmax), softmax) == RIGHT


def forgot_return(scores):
    softmax(scores)


def two_parameters(q, k):
    return softmax(q)


WRONG_FUNCTIONS = [
    (forgot_return, "Is the `return` missing?"),
    (two_parameters, "your function must take (scores). It takes (q, k)."),
    (lambda: 3, "your function must take (scores). It takes (nothing)."),
    (lambda s: (softmax(s), s), "must return one thing, the output. It returns 2."),
    (lambda s: softmax(s)[0], "must have the shape (3, 5), and it has the shape (5,)."),
    (lambda s: 0.5, "must have the shape (3, 5), and it is a single number."),
    (lambda s: softmax(s) * np.nan, "not finite"),
    (lambda s: softmax(s) + 0.25, "The largest difference is 0.25."),
    (lambda s: "0.5", "must be numbers, with rows of one length. It is a str."),
    (lambda s: [[1, 2], [3]], "must be numbers, with rows of one length. It is a list."),
    (lambda s: softmax, "must be numbers. It is a function."),
    (0.5, "the answer is a function: give its name, without brackets after it. You gave a float."),
    (np.ones((3, 5)), "You gave an array of shape (3, 5)."),
    ([softmax], "You gave a list."),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG_FUNCTIONS)
def test_what_is_wrong_with_a_function_is_said(function, wrong, sentence):
    assert sentence in diagnosis_of(function, wrong)


WRONG_VALUES = [
    (row, "the answer is a value, and you gave the function row."),
    (list, "the answer is a value, and you gave the class list."),
    ([0.5, 0.25], "must have the shape (3,), and it has the shape (2,)."),
    ("half", "must be numbers, with rows of one length. It is a str."),
    ({"a": 1}, "It is a dict."),
    ([0.5, 0.25, 0.5], "The largest difference is 0.25."),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG_VALUES)
def test_what_is_wrong_with_a_value_is_said(value, wrong, sentence):
    assert sentence in diagnosis_of(value, wrong)


def test_a_grade_is_quiet_for_a_right_answer_and_says_what_the_check_says_of_a_wrong_one(function, capsys):
    assert function.grade(softmax) is None
    for wrong in (over_queries, only_dots, forgot_return):
        with pytest.raises(AssertionError) as raised:
            function.grade(wrong)
        assert str(raised.value) == f"0.1 {line_of(function, wrong)}"
    assert capsys.readouterr().out == ""


def test_a_teachers_page_has_the_solution_and_its_reason(function):
    page = function.solution_text()
    assert page.startswith("## Exercise 0.1 · A title") and page.endswith("The reason.")
    assert "    e = np.exp(scores - scores.max(-1, keepdims=True))" in page


@pytest.mark.parametrize("wrong", [Doubler(), 3, only_dots.__name__])
def test_an_object_for_a_class_is_said(wrong):
    assert "the answer is a class, without brackets after its name" in diagnosis_of(make(check_doubler, Doubler), wrong)


def test_the_number_of_results_is_said():
    def two(scores):
        return softmax(scores), scores

    def check(answer):
        compare(answer, two, np.ones((2, 3)), names=("weights", "scores"))

    assert diagnosis_of(make(check, two), softmax) == "your function must return 2 things: weights, scores."
    assert line_of(make(check, two), lambda s: [softmax(s), s]) == RIGHT  # a list of two is as good


def test_numbers_for_a_boolean_mask_are_said():
    def check(answer):
        compare(answer, lambda n: np.tri(n, dtype=bool), 3, names=("the mask",))

    assert "the mask must be boolean" in diagnosis_of(make(check, lambda n: n), lambda n: np.tri(n))
    assert "3 of 9 are wrong" in diagnosis_of(make(check, lambda n: n), lambda n: np.ones((n, n), bool))


# --- code that raises, prints, changes things --------------------------------------------------


def raises_on_two_lines(scores):
    raise RuntimeError(f"first line {object()}\nsecond line")


@pytest.mark.parametrize("text", ["your code stopped with RuntimeError", "first line <object object> second line"])
def test_what_the_answer_raises_is_said_on_the_one_line_without_addresses(function, text):
    assert text in diagnosis_of(function, raises_on_two_lines)


def test_a_long_message_is_cut(function):
    def raises(scores):
        raise ValueError("long " * 1000)

    assert len(diagnosis_of(function, raises)) < 500


def test_what_the_check_cannot_use_is_said(function):
    assert "the check could not work with this answer (TypeError: " in diagnosis_of(function, int)


def test_a_wish_to_leave_is_no_way_out(function):
    assert diagnosis_of(function, lambda s: sys.exit(3)) == "your code stopped with SystemExit: 3"


def test_the_stop_button_still_stops(function):
    def waits(scores):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        function.check(waits)


def test_prints_and_warnings_of_the_answer_stay_out_of_the_one_line(function, capsys):
    def noisy(scores):
        print("noise")
        print("noise", file=sys.stderr)
        np.log(np.zeros(2))
        return softmax(scores)

    function.check(noisy)
    assert capsys.readouterr() == (f"0.1 {RIGHT}\n", "")


def test_a_warning_is_no_error_even_where_the_reader_made_warnings_errors(function):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert line_of(function, lambda s: softmax(s + 0 * np.log(np.ones((3, 5)) - 1).clip(-1))) == RIGHT


def test_displays_of_the_answer_stay_out_of_the_one_line():
    answer = """
        def slopes(w):
            print("noise")
            display("noise")
            return np.diag(w) - np.outer(w, w)
        """
    outputs = run_cells("import ktlearn, numpy as np", textwrap.dedent(answer), "ktlearn.exercise('1.5').check(slopes)")
    assert [output.text for output in outputs[2]] == ["1.5 ✓ Right.\n"]


def test_the_answer_stays_as_it_was(function, value):
    def check(answer):
        answer[0] = 7

    mine = [1, 2]
    array = np.array([1, 2])
    line_of(make(check, lambda: [1]), mine)
    line_of(make(check, lambda: [1]), array)
    assert mine == [1, 2]
    assert array.tolist() == [1, 2]


def test_a_function_that_changes_its_input_is_still_compared_with_the_right_one(function):
    def changes(scores):
        weights = softmax(scores)
        scores[:] = 0
        return weights

    assert line_of(function, changes) == RIGHT


def test_the_seeds_of_the_reader_stay_as_they_were(function):
    def seeds(scores):
        random.seed(1)
        np.random.seed(1)
        return softmax(scores)

    random.seed(42)
    np.random.seed(42)
    expected = random.random(), np.random.rand()
    random.seed(42)
    np.random.seed(42)
    function.check(seeds)
    assert (random.random(), np.random.rand()) == expected


# --- hints, solution, looks --------------------------------------------------------------------


def test_three_hints_then_the_way_to_the_solution_then_the_first_again(function, capsys):
    for _ in range(5):
        function.hint()
    assert capsys.readouterr().out.splitlines() == [
        "0.1 Hint 1 of 3: nudge",
        "0.1 Hint 2 of 3: more",
        "0.1 Hint 3 of 3: nearly",
        '0.1 No more hints. ktlearn.exercise("0.1").solution() shows the answer. Ask again for the first hint.',
        "0.1 Hint 1 of 3: nudge",
    ]


def test_hints_go_on_from_cell_to_cell():
    _, first, second = run_cells("import ktlearn", *2 * ["ktlearn.exercise('1.1').hint()"])
    assert first[0].text.startswith("1.1 Hint 1 of 3: ")
    assert second[0].text.startswith("1.1 Hint 2 of 3: ")


def test_the_solution_shows_code_and_why(function, capsys):
    function.solution()
    shown = capsys.readouterr().out
    assert "def softmax(scores):" in shown
    assert "The reason." in shown


def test_in_a_notebook_the_solution_is_highlighted_code_and_plain_text():
    (output,) = run_cells("import ktlearn", "ktlearn.exercise('1.1').solution()")[1]
    assert "```python\ndef " in output.data["text/markdown"]
    assert "```" not in output.data["text/plain"]
    assert "def " in output.data["text/plain"]


def test_an_exercise_shows_its_title_minutes_difficulty_and_what_to_do(function):
    for shown in (repr(function), function._repr_markdown_()):
        for part in ("0.1", "A title", "5 minutes", "medium", "check(answer)", "hint()", "solution()"):
            assert part in shown
    assert "★★☆" in function._repr_markdown_()


# --- finding, and what it costs ----------------------------------------------------------------


def test_an_unknown_number_lists_the_numbers_of_the_lesson():
    with pytest.raises(ValueError, match=r"no exercise '1\.99'\. Lesson 1 has 1\.1, 1\.2"):
        ktlearn.exercise("1.99")
    with pytest.raises(ValueError, match="Lessons with exercises: 0, 1"):
        ktlearn.exercise("99.1")


def test_the_lesson_a1_has_its_letter_in_its_numbers():
    assert ktlearn.exercise("A1.2").number == "A1.2"
    assert exercises_of("A1") == exercises_of("a1") and lessons_with_exercises()[-1] == "A1"
    with pytest.raises(ValueError, match=r"Lesson A1 has A1\.1, A1\.2"):
        ktlearn.exercise("A1.99")
    with pytest.raises(ValueError, match=r"Lessons with exercises: 0, 1, 2, .*[0-9], A1\."):
        ktlearn.exercise("A2.1")


@pytest.mark.parametrize("number", [2.3, 2, None])
def test_a_number_that_is_not_text_is_refused(number):
    with pytest.raises(ValueError, match='must be text, such as "2.3"'):
        ktlearn.exercise(number)


def test_an_exercise_of_numpy_only_loads_one_lesson_and_no_keras():
    code = (
        "import sys, ktlearn; ktlearn.exercise('1.1').check([1, 2, 3, 4]);"
        "print([n for n in sys.modules if n in ('tensorflow', 'keras', 'jax', 'torch') or 'exercises.lesson' in n])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1] == "['ktlearn.exercises.lesson_01']"


def test_to_know_of_every_exercise_takes_no_keras_so_progress_is_there_at_once():
    code = (
        "import sys; from ktlearn.exercises.find import exercises_of, lessons_with_exercises as lessons;"
        "print(sum(len(exercises_of(lesson)) for lesson in lessons()) > 150);"
        "print([n for n in sys.modules if n in ('tensorflow', 'keras', 'jax', 'sklearn', 'transformers', 'pandas')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["True", "[]"]


# --- the helpers of checks ---------------------------------------------------------------------


def test_is_close_never_raises():
    assert is_close([1, 2], np.array([1.0, 2.0]))
    assert not is_close("x", [1, 2])
    assert not is_close(None, [1, 2])
    assert not is_close([1, 2, 3], [1, 2])


def test_as_array_refuses_what_is_missing():
    with pytest.raises(NotYet, match="Is a `return` missing"):
        as_array(None, "the output")


def run_cells(*sources):
    """The outputs of cells, run by a kernel of this very Python."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    kernel = AsyncKernelManager(kernel_name=CURRENT_ENV_KERNEL_NAME, kernel_spec_manager=NbvalKernelspecManager())
    NotebookClient(notebook, km=kernel, timeout=120).execute(cleanup_kc=True, stderr=subprocess.DEVNULL)
    return [cell.outputs for cell in notebook.cells]
