"""The exercises of the lessons: checks that name the mistake, three hints, a solution.

    ktlearn.exercise("2.3").check(my_function)

``exercise.py`` is what a reader meets, ``compare.py`` helps to write a check, ``lesson_NN.py`` holds the
exercises of one lesson, and ``record.py`` remembers which of them are solved.
"""
