"""`ktlearn.progress()` and `python -m ktlearn progress`: what is solved, what comes next, and where that is kept."""

import html.parser
import re
import sys

import pytest

import ktlearn
from ktlearn.course import cli
from ktlearn.course.progress import Progress, mark, progress
from ktlearn.course.syllabus import lessons
from ktlearn.exercises.record import Record, Standing, note

COURSE = lessons()
EVERYTHING = [exercise.number for lesson in COURSE for exercise in lesson.exercises]


@pytest.fixture
def file(monkeypatch, tmp_path):
    path = tmp_path / "progress.jsonl"
    monkeypatch.setenv("KTLEARN_PROGRESS", str(path))
    return path


def solve(*numbers):
    for number in numbers:
        assert note(number, "right") == ""


# --- the lessons -------------------------------------------------------------------------------


def test_the_lessons_stand_in_the_order_of_the_syllabus():
    assert [lesson.number for lesson in COURSE][:4] == ["00", "01", "A1", "02"]
    assert COURSE[0].title == "Start here"
    assert all(lesson.title and lesson.exercises for lesson in COURSE)


def test_without_a_syllabus_every_lesson_is_still_there(monkeypatch):
    def gone(name):
        raise FileNotFoundError

    monkeypatch.setattr("ktlearn.course.syllabus.resource", gone)
    assert {lesson.number for lesson in lessons()} == {lesson.number for lesson in COURSE}


# --- what comes next ---------------------------------------------------------------------------


def test_a_beginner_is_welcomed_and_told_where_to_begin_and_what_is_remembered(file):
    text = str(progress())
    assert text.startswith("Welcome.")
    assert "Next: exercise 0.1 · A window (3 minutes, easy), in lesson 00 Start here." in text
    assert "nothing leaves this machine. KTLEARN_PROGRESS=off turns it off." in text
    assert not file.exists()


def test_what_a_beginner_sees_is_the_same_on_every_machine_so_that_lesson_00_can_be_compared(file, monkeypatch):
    one = progress()
    monkeypatch.setenv("KTLEARN_PROGRESS", str(file.parent / "elsewhere"))
    other = progress()
    assert (str(one), one._repr_html_()) == (str(other), other._repr_html_())
    assert str(len(EVERYTHING)) not in str(one)  # another lesson changes nothing


@pytest.mark.parametrize(
    ("solved", "following"),
    [
        (["0.1"], "0.2"),
        (["0.2"], "0.1"),
        (["0.1", "2.1"], "2.2"),  # go on where you were, not where a gap is
        (["0.1", "X.9"], "0.2"),  # an exercise of a teacher's own: the lessons go on
    ],
)
def test_next_is_what_is_open_in_the_lesson_you_were_in(file, solved, following):
    solve(*solved)
    assert progress().next.number == following


def test_after_a_lesson_comes_the_one_that_follows_in_the_syllabus(file):
    solve(*(exercise.number for exercise in COURSE[1].exercises))
    assert progress().next.number == "A1.1"


def test_after_the_last_lesson_come_the_gaps(file):
    solve(*EVERYTHING[1:])
    assert progress().next.number == "0.1"


def test_at_the_end_there_is_nothing_next(file):
    solve(*EVERYTHING)
    shown = progress()
    assert (shown.next, shown.solved, shown.total) == (None, len(EVERYTHING), len(EVERYTHING))
    assert "All exercises are solved." in str(shown)
    assert "All exercises are solved." in shown._repr_html_()


# --- what is shown -----------------------------------------------------------------------------


def test_a_lesson_is_a_line_with_a_mark_for_each_exercise(file):
    note("0.2", "solution")
    solve("0.1", "0.2")
    line = next(line for line in str(progress()).splitlines() if line.startswith("00 "))
    assert re.split(r" {2,}", line) == ["00 Start here", "2 of 6", "●◐○○○○"]


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (Standing(tries=3), "○"),
        (Standing(solution_first=True), "○"),
        (Standing("2026-11-28", 1), "●"),
        (Standing("2026-11-28", 1, 0, True), "◐"),
    ],
)
def test_marks(standing, expected):
    assert mark(standing) == expected


def test_it_says_where_the_file_is_and_how_to_be_without_it(file, monkeypatch):
    solve("0.1")
    assert f"Kept in {file}, and nowhere else. To stop: set KTLEARN_PROGRESS=off." in str(progress())
    monkeypatch.setattr("pathlib.Path.home", lambda: file.parent)
    assert "Kept in ~/progress.jsonl" in str(progress()).replace("\\", "/")


def test_damaged_lines_are_said_with_the_file(file):
    solve("0.1", "0.2")
    file.write_text(file.read_text().replace('"0.2"', '"0.3"'))
    text = str(progress())
    assert "1 of " in text
    assert f"1 line of {file} cannot be read (damaged, or edited): not counted." in text


def test_a_file_that_cannot_be_read_is_said_and_the_course_goes_on(file, capsys):
    file.mkdir()
    (file / "progress.jsonl").mkdir()
    assert cli.main(["progress"]) == 1
    printed = capsys.readouterr().out
    assert "Your progress could not be read" in printed
    assert "Next: exercise 0.1" in printed


def test_on_colab_a_word_says_that_the_file_ends_with_the_session(file, monkeypatch):
    monkeypatch.delenv("COLAB_RELEASE_TAG", raising=False)
    assert "Colab" not in str(progress())
    monkeypatch.setitem(sys.modules, "google.colab", object())
    assert "On Colab the file ends with the session" in str(progress())


def test_turned_off_it_says_so(monkeypatch):
    monkeypatch.setenv("KTLEARN_PROGRESS", "off")
    assert str(progress()).splitlines()[0] == "Your progress is not remembered: KTLEARN_PROGRESS is off."


# --- in a notebook -----------------------------------------------------------------------------


class Page(html.parser.HTMLParser):
    """The tags of a page, and its text without the style."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.words, self._open = [], "", []
        self.feed(page)
        self.close()
        assert not self._open, self._open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, text):
        self.words += "" if "style" in self._open else text


def test_as_html_it_is_whole_and_needs_no_script_no_picture_and_no_network(file):
    solve("0.1")
    page = progress()._repr_html_()
    assert {"script", "img", "iframe", "link", "object"} & set(Page(page).tags) == set()
    assert "http" not in page


def test_where_styles_are_taken_away_all_is_still_said_in_words(file):
    solve("0.1", "0.3")
    words = Page(progress()._repr_html_()).words
    for part in (f"2 of {len(EVERYTHING)}", "00 Start here", "2 of 6", "0.2, 0.4–0.6"):
        assert part in words
    assert "Next: exercise 0.2" in words


def test_marks_are_hidden_from_a_screen_reader_which_has_the_words(file):
    solve("0.1")
    cells = re.findall(r'<span class="kt-marks"([^>]*)>', progress()._repr_html_())
    assert len(cells) == len(COURSE)
    assert all('aria-hidden="true"' in cell for cell in cells)


def test_its_colours_are_those_of_the_page_light_or_dark(file):
    style = re.search(r"<style>(.*)</style>", progress()._repr_html_(), re.DOTALL)[1]
    assert re.findall(r"(?<![-\w])color: ([^;]+);", style) == ["inherit", "var(--jp-success-color1, #2e9e55)"]
    assert "background: none" in style


def test_what_a_file_is_called_cannot_become_html():
    shown = Progress(COURSE, Record("", {"0.1": Standing("2026-11-28", 1)}, "0.1"), "/tmp/<script>")
    assert "<script>" not in shown._repr_html_()


# --- handing in --------------------------------------------------------------------------------


def test_the_command_writes_a_file_under_the_name_that_was_typed(file, tmp_path, capsys):
    solve("0.1")
    assert cli.main(["progress", "--hand-in", "Ann", "Lee", "--to", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "progress-ann-lee.json").is_file()
    assert "No answer is in it." in capsys.readouterr().out


def test_a_cell_writes_it_too(file, tmp_path):
    solve("0.1")
    assert ktlearn.progress().hand_in("Ann", tmp_path).name == "progress-ann.json"


@pytest.mark.parametrize("setting", ["off", "not begun"])
def test_where_nothing_is_known_nothing_is_handed_in(file, monkeypatch, capsys, tmp_path, setting):
    if setting == "off":
        monkeypatch.setenv("KTLEARN_PROGRESS", "off")
    assert cli.main(["progress", "--hand-in", "Ann", "--to", str(tmp_path)]) == 1
    assert "There is nothing to hand in yet." in capsys.readouterr().out
    assert not list(tmp_path.glob("*.json"))
