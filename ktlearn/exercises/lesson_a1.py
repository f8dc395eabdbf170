"""Exercises of lesson A1, how a model learns."""

from ktlearn.exercises.lesson_a1_loop import LOOP
from ktlearn.exercises.lesson_a1_losses import LOSSES
from ktlearn.exercises.lesson_a1_steps import STEPS

EXERCISES = sorted([*LOOP, *LOSSES, *STEPS], key=lambda exercise: int(exercise.number.partition(".")[2]))
