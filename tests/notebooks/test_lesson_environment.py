"""Lessons run as a beginner's, whoever runs them."""

from pathlib import Path

from lesson_environment import lesson_environment


def test_a_lesson_never_sees_the_progress_of_whoever_runs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("KTLEARN_PROGRESS", "~/my-own.jsonl")
    path = Path(lesson_environment(tmp_path)["KTLEARN_PROGRESS"])
    assert path.parent == tmp_path
    assert not path.exists()
