"""What is printed while a model trains."""

import pytest

from ktlearn.support import bars
from ktlearn.support.bars import Progress

LOGS = {"val_accuracy": 0.8, "val_loss": 0.25, "accuracy": 0.75, "loss": 0.5}


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when the test says so."""

    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(bars, "time", clock)
    return clock


def screen(output):
    """What a terminal shows: a carriage return goes back to the line's start and wipes nothing out by itself."""
    lines = []
    for line in output.split("\n"):
        shown = []
        for part in line.split("\r"):
            shown[: len(part)] = part
        lines.append("".join(shown).rstrip())
    return lines


def run_epoch(callback, clock, number, batches=4, seconds=1.0):
    callback.on_epoch_begin(number)
    for batch in range(batches):
        clock.now += seconds
        callback.on_train_batch_end(batch, {"loss": 0.6})
    callback.on_epoch_end(number, LOGS)


def test_an_epoch_is_one_line_training_figures_first(clock, capsys):
    callback = Progress(epochs=2, steps=4)
    callback.live = False  # a log file
    for number in range(2):
        run_epoch(callback, clock, number)
    figures = "loss 0.5000  accuracy 0.7500  val_loss 0.2500  val_accuracy 0.8000  4 s"
    assert capsys.readouterr().out == f"epoch 1/2  {figures}\nepoch 2/2  {figures}\n"


def test_a_terminal_shows_a_bar_while_the_epoch_runs(clock, capsys):
    callback = Progress(epochs=1, steps=4)
    callback.live = True
    callback.on_epoch_begin(0)
    clock.now += 2
    callback.on_train_batch_end(0, {"loss": 0.6})
    assert screen(capsys.readouterr().out) == ["epoch 1/1  █████░░░░░░░░░░░░░░░  loss 0.6000  6 s left"]


def test_the_bar_leaves_nothing_behind_in_the_finished_line(clock, capsys):
    callback = Progress(epochs=1, steps=4)
    callback.live = True
    callback.on_epoch_begin(0)
    for batch in range(4):
        clock.now += 1000  # "3000 s left" is longer than "0 s left"
        callback.on_train_batch_end(batch, {"loss": 0.6})
    callback.on_epoch_end(0, {"loss": 0.5})
    assert screen(capsys.readouterr().out) == ["epoch 1/1  loss 0.5000  4000 s", ""]


def test_the_bar_is_not_redrawn_at_every_batch(clock, capsys):
    callback = Progress(epochs=1, steps=1000)
    callback.live = True
    callback.on_epoch_begin(0)
    for batch in range(1000):
        clock.now += 0.01
        callback.on_train_batch_end(batch, {"loss": 0.6})
    assert 10 <= capsys.readouterr().out.count("\r") <= 20
