"""What the benchmark counts and gives to the programs. How fast they are, only `make bench` can say."""

import json
from types import SimpleNamespace

import pytest


@pytest.fixture
def browser_options(browser):
    """What starts browsers of the benchmark's own."""
    from tests.browser.chromium import FLAGS, find_chromium

    return browser.browser_type, {"executable_path": find_chromium(), "args": FLAGS}


def test_texts_are_the_same_each_time_and_half_of_each_class(load):
    texts = load("texts")
    first, labels = texts.make_texts(512, seed=2026)
    assert (first, labels) == texts.make_texts(512, seed=2026)
    assert first != texts.make_texts(512, seed=2027)[0]
    assert sum(labels) == 256


def test_texts_have_the_lengths_that_the_benchmark_is_about(load):
    texts, _ = load("texts").make_texts(512, seed=2026)
    words = sorted(len(text.replace(",", " ,").replace(".", " .").split()) for text in texts)
    assert 52 <= sum(words) / len(words) <= 58
    assert 112 <= words[486] <= 122  # 95 % have at most that
    assert 180 <= words[-1] <= 192


def test_flops_are_those_of_the_matrix_products_counted_by_hand(load):
    flops = load("flops")
    config = SimpleNamespace(hidden_size=4, intermediate_size=16, num_hidden_layers=1)
    # 3 tokens: q, k, v and output 4 · 3·4·4; q kᵀ and weights · v 2 · 3·3·4; feed-forward 2 · 3·4·16; pooler 4·4;
    # classifier 4·2: 192 + 72 + 384 + 16 + 8 multiplications.
    assert flops.forward_flops(config, labels=2, n=3, attended=3) == 2 * 672


def test_padding_counts_as_computed_and_not_as_useful(load):
    flops = load("flops")
    config = SimpleNamespace(hidden_size=4, intermediate_size=16, num_hidden_layers=2)
    full, padded = [([8, 8], 8)], [([3, 8], 8)]
    assert flops.batches_flops(config, 2, full) == flops.texts_flops(config, 2, full)
    assert flops.batches_flops(config, 2, padded) == flops.batches_flops(config, 2, full)
    assert flops.texts_flops(config, 2, padded) < flops.texts_flops(config, 2, full)


def test_clock_keeps_the_first_step_apart(load, monkeypatch):
    pytest.importorskip("resource", reason="memory is measured as Unix tells it: not on Windows")
    clock = load("clock")
    moments = iter([(0.0, 0.0), (5.0, 4.0), (9.0, 10.0)])  # wall and CPU: start, first step, end
    monkeypatch.setattr(clock, "_now", lambda: next(moments))
    watch = clock.Clock()
    watch.start()
    watch.step()
    watch.step()
    watch.stop()
    figures = watch.figures(examples=32, batch_size=16)
    assert (figures["wall"], figures["first_wall"], figures["rest_wall"]) == (9.0, 5.0, 4.0)
    assert (figures["cpu"], figures["first_cpu"], figures["rest_cpu"]) == (10.0, 4.0, 6.0)
    assert figures["rest_per_second"] == 16 / 4.0


def test_a_program_without_an_interpreter_is_named_and_not_invented(load, capsys):
    run = load("run")
    runs = {name: [] for name in run.PROGRAMS} | {"ktlearn": [{"wall": 1.0}]}
    run.print_ratios(runs, {"torch": "no Python 3.11"})
    printed = capsys.readouterr().out
    assert "ktlearn / ktrain: not measured: run this with --make-environments FOLDER" in printed
    assert "ktlearn / torch: not measured: no Python 3.11" in printed
    assert "ktlearn / torch-grouped: not measured: no Python 3.11" in printed
    assert "ktlearn / kerashub: not measured: run this" in printed


def test_ratios_compare_the_runs_of_the_same_round(load):
    run = load("run")
    ours, theirs = [{"wall": 1.0}, {"wall": 4.0}, {"wall": 3.0}], [{"wall": 2.0}, {"wall": 4.0}, {"wall": 4.0}]
    assert run.ratio(ours, theirs, "wall") == (0.75, 0.5, 1.0)


def test_each_round_and_program_gets_its_own_job(load, monkeypatch):
    run, seen = load("run"), []
    monkeypatch.setattr(
        run, "run", lambda library, python, file: seen.append((library, json.loads(file.read_text()))) or {"wall": 1.0}
    )
    pythons = {"ktlearn": "a", "ktrain": None, "torch": "b", "kerashub": None}
    runs = run.measure({"seed": 7, "epochs": 1}, pythons, rounds=2)
    assert [(library, job["seed"], job.get("group_by_length", False)) for library, job in seen] == [
        *(("ktlearn", 7, False), ("torch", 7, False), ("torch", 7, True)),
        *(("ktlearn", 8, False), ("torch", 8, False), ("torch", 8, True)),
    ]
    assert {name: len(figures) for name, figures in runs.items() if figures} == dict.fromkeys(
        ("ktlearn", "torch", "torch-grouped"), 2
    )


def test_an_answer_is_compared_with_the_other_one_of_the_same_text(load, capsys):
    answers = load("answers")
    ours, theirs = [0.001, 0.004, 0.003], [0.002, 0.005, 0.004]
    found = {"ktlearn": {"seconds": ours, "all": [1.0]}, "torch": {"seconds": theirs, "all": [2.0]}}
    found = {name: each | {"program": "", "first": 1.0} for name, each in found.items()}
    answers.print_answers(found)
    assert "ktlearn / torch: one by one 0.75, all at once 0.50 (aim 0.83: reached)" in capsys.readouterr().out
    found["ktlearn"]["all"] = [3.0]
    answers.print_answers(found)
    assert "all at once 1.50 (aim 0.83: MISSED)" in capsys.readouterr().out


def test_answers_come_back_in_the_order_of_the_texts(load):
    asked, seen = load("asked"), []
    answers = asked.by_length(["bb", "a", "cccc"], lambda texts: seen.extend(texts) or [len(text) for text in texts])
    assert seen == ["cccc", "bb", "a"]
    assert answers == [2, 1, 4]


def test_programs_that_do_not_compute_the_same_are_not_compared(load):
    check_same = load("answers").check_same
    check_same([0.5, 0.25], [0.5, 0.25001])
    with pytest.raises(RuntimeError, match="differ by 0.1 "):
        check_same([0.5, 0.25], [0.5, 0.35])


READY, ACT = "document.querySelector('p')", "document.querySelector('p').textContent = 'more'"


@pytest.mark.slow
def test_a_page_is_measured_within_its_limit(load, browser_options, tmp_path):
    chromium, options = browser_options
    file = tmp_path / "page.html"
    file.write_text("<p>text</p>")
    figures = load("pages").measured(chromium, options, file, READY, ACT, {}, limit=20)
    assert figures["bytes"] == 11
    assert all(0 < figures[key] < 20 for key in ("first", "act", "memory", "first_work", "act_work"))
    file.write_text("<b>never a paragraph</b>")
    figures = load("pages").measured(chromium, options, file, READY, ACT, {}, limit=0.3)
    assert (figures["first"], figures["act"], figures["memory"]) == (None, None, None)


@pytest.mark.slow
def test_an_interaction_without_end_is_left_out(load, browser_options, tmp_path):
    chromium, options = browser_options
    file = tmp_path / "page.html"
    file.write_text("<p>text</p>")
    figures = load("pages").measured(chromium, options, file, READY, "await new Promise(() => {})", {}, limit=2)
    assert figures["first"] > 0
    assert figures["act"] is None


def test_scripts_come_from_files_and_nothing_else_is_loaded(load, browser_options, tmp_path):
    chromium, options = browser_options
    file, script = tmp_path / "page.html", tmp_path / "known.js"
    file.write_text(
        "<script src='https://example.org/9/known.js'></script>"
        "<script src='https://example.org/other.js' onerror='window.refused = true'></script>"
    )
    script.write_text("window.known = true")
    ready = "window.known && window.refused"
    assert load("pages").measured(chromium, options, file, ready, "", {"known.js": script}, limit=20)["first"]
