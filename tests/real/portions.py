"""Measure in portions: each run is a line of a file as soon as it is done, and a later call goes on from there."""

import argparse
import json
import time


def measure(about, path, studies, settings, run):
    """Run every setting with every seed that is not in the file yet, until the minutes are over.

    Args:
        about: the script's docstring.
        path: the file of JSON lines; a line is the setting, its seed, and what ``run`` returned.
        studies: names.
        settings: the settings of a study, a function of its name; a setting is a dictionary.
        run: a function of a setting and a seed; returns a dictionary.
    """
    parser = argparse.ArgumentParser(description=about.split("\n")[0])
    parser.add_argument("studies", nargs="*", default=list(studies), help="some of " + ", ".join(studies))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5)
    options = parser.parse_args()
    if unknown := set(options.studies) - set(studies):
        parser.error(f"no such study: {', '.join(unknown)}; there are {', '.join(studies)}")
    end = time.monotonic() + 60 * options.minutes
    runs = [
        (setting, seed) for study in options.studies for seed in range(options.seeds) for setting in settings(study)
    ]
    for setting, seed in runs:
        wanted = setting | {"seed": seed}
        if any(wanted.items() <= line.items() for line in lines(path)):
            continue
        if time.monotonic() > end:
            print("Not all is measured yet: call again.")
            return
        line = wanted | run(setting, seed)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def lines(path):
    """What is measured already."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
