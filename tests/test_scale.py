"""The launcher files of docs/scale: each is what its tool reads, and the program that all of them start runs."""

import ast
import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
import yaml

import ktlearn
from ktlearn import text
from tests.processes import LIMIT, free_address, started
from tests.tiny import reviews

FOLDER = Path(__file__).parents[1] / "docs" / "scale"


def test_the_table_of_the_readme_names_every_file():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w.]+)\)", readme))
    assert linked == {path.name for path in FOLDER.iterdir() if path.name != "README.md"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_a_python_file_compiles(path):
    compile(path.read_text(encoding="utf-8"), path.name, "exec")


def test_the_code_of_the_readme_compiles():
    blocks = re.findall(r"```python\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        ast.parse(block)


def test_the_slurm_file_is_a_shell_script_whose_options_stand_before_its_commands():
    subprocess.run(["bash", "-n", FOLDER / "slurm.sh"], check=True, timeout=LIMIT)
    lines = (FOLDER / "slurm.sh").read_text(encoding="utf-8").splitlines()
    options = [number for number, line in enumerate(lines) if line.startswith("#SBATCH --")]
    first_command = next(number for number, line in enumerate(lines) if line and not line.startswith("#"))
    assert options and max(options) < first_command  # Slurm reads no options after it


def test_the_kubernetes_file_starts_as_many_pods_as_its_processes_expect():
    service, job = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text(encoding="utf-8"))
    assert (service["kind"], job["kind"]) == ("Service", "Job")
    spec, pod = job["spec"], job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    values = {one["name"]: one.get("value") for one in container["env"]}
    assert spec["completionMode"] == "Indexed"
    assert spec["completions"] == spec["parallelism"] == int(values["KERAS_DISTRIBUTION_NUM_PROCESSES"])
    first, port = values["KERAS_DISTRIBUTION_JOB_ADDRESSES"].split(":")
    assert first == f"{job['metadata']['name']}-0.{pod['subdomain']}" and port.isdecimal()
    assert pod["subdomain"] == service["metadata"]["name"]
    assert spec["successPolicy"]["rules"] == [{"succeededIndexes": "0"}]  # the first process writes
    assert spec["podFailurePolicy"] and pod["restartPolicy"] == "Never"  # else Kubernetes refuses the policy
    assert service["spec"]["selector"] == {"job-name": job["metadata"]["name"]}


def test_ray_calls_the_program_by_its_names():
    called = ast.parse((FOLDER / "ray_train.py").read_text(encoding="utf-8"))
    (imported,) = [node for node in ast.walk(called) if isinstance(node, ast.ImportFrom) and node.module == "train"]
    program = ast.parse((FOLDER / "train.py").read_text(encoding="utf-8"))
    functions = {node.name for node in program.body if isinstance(node, ast.FunctionDef)}
    assert {alias.name for alias in imported.names} <= functions


@pytest.mark.parametrize(("failed", "restarts", "queued_again"), [("", 0, False), ("1", 19, True), ("1", 20, False)])
def test_slurm_queues_a_run_that_failed_again_but_not_for_ever(tmp_path, failed, restarts, queued_again):
    for name, body in {"srun": 'echo "$@"; [ -z "$FAILED" ]', "scontrol": 'echo "$@"'}.items():
        (tmp_path / name).write_text(f"#!/bin/bash\n{body}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "FAILED": failed}
    environment |= {"SLURM_JOB_ID": "7", "SLURM_RESTART_COUNT": str(restarts), "SLURM_CPUS_PER_TASK": "4"}
    done = subprocess.run(
        ["bash", FOLDER / "slurm.sh", "/runs/first"], env=environment, capture_output=True, text=True, timeout=LIMIT
    )
    started = "--cpus-per-task=4 --kill-on-bad-exit=1 python train.py /runs/first"
    expected = [started, *(["requeue 7"] if queued_again else [])]
    assert done.stdout.splitlines() == expected
    assert done.returncode == (1 if failed else 0)


def test_slurm_lets_every_process_see_all_gpus_of_its_machine():
    """JAX takes the one whose number is the process's on its machine; with --gpus-per-task it would see one."""
    options = dict(re.findall(r"^#SBATCH --([\w-]+)=(\S+)$", (FOLDER / "slurm.sh").read_text(encoding="utf-8"), re.M))
    assert options["gpus-per-node"] == options["ntasks-per-node"]
    assert not {"gpus-per-task", "gpu-bind"} & options.keys()


@pytest.mark.parametrize("engine", ["ray", "spark"])
def test_the_function_from_data_frames_to_data_frames_gives_the_answers_of_predict_file(
    engine, trained, tmp_path, monkeypatch
):
    learner, t = trained
    texts = reviews(9, seed=2)[0]
    source, target = tmp_path / "texts.csv", tmp_path / "answers.csv"
    pd.DataFrame({"id": range(9), "text": texts}).to_csv(source, index=False)
    predictor = ktlearn.get_predictor(learner.model, t)
    predictor.save(tmp_path / "predictor")
    predictor.predict_file(source, target, "text", verbose=0)

    frames = [part for _, part in pd.read_csv(source).groupby(lambda row: row // 4)]
    program = imported(FOLDER / f"predict_{engine}.py", monkeypatch)
    if engine == "ray":
        answered = map(program.Answers(tmp_path / "predictor"), frames)
    else:
        answered = program.answers_of(tmp_path / "predictor")(iter(frames))
    pd.testing.assert_frame_equal(
        pd.concat(answered), pd.read_csv(target), check_exact=False, atol=1e-5, rtol=0, check_dtype=False
    )


def has(*packages):
    return all(importlib.util.find_spec(package) for package in packages)


@pytest.mark.slow
@pytest.mark.weekly
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("ray", marks=pytest.mark.skipif(not has("ray", "pyarrow"), reason="pip install 'ray[data]'")),
        pytest.param(
            "spark",
            marks=pytest.mark.skipif(not has("pyspark", "pyarrow") or not shutil.which("java"), reason="needs Java"),
        ),
    ],
)
def test_an_engine_answers_the_rows_of_a_parquet_file(engine, trained, tmp_path):
    learner, t = trained
    frame = pd.DataFrame({"id": range(40), "text": reviews(40, seed=2)[0]})
    frame.to_parquet(tmp_path / "texts.parquet")
    predictor = ktlearn.get_predictor(learner.model, t)
    predictor.save(tmp_path / "predictor")
    places = [tmp_path / name for name in ("predictor", "texts.parquet", "answers")]
    environment = os.environ | {"PYTHONPATH": str(FOLDER.parents[1]), "PYSPARK_PYTHON": sys.executable}
    command = [sys.executable, FOLDER / f"predict_{engine}.py", *places]
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 0, done.stderr[-3000:]
    answers = pd.read_parquet(tmp_path / "answers").sort_values("id").reset_index(drop=True)
    assert answers["id"].tolist() == frame["id"].tolist() and answers["text"].tolist() == frame["text"].tolist()
    assert answers["prediction"].tolist() == predictor.predict(frame["text"].tolist(), verbose=0)
    p = predictor.predict_proba(frame["text"].tolist(), verbose=0)
    np.testing.assert_allclose(answers["probability"], p.max(axis=1), atol=1e-5)


def test_a_predictor_of_numbers_is_refused_by_both_before_it_answers(trained, tmp_path, monkeypatch, checkpoint):
    t = text.Transformer(checkpoint, maxlen=12)
    t.preprocess_train(["good", "bad"], [1.5, 0.5], verbose=0)
    ktlearn.get_predictor(t.get_regression_model(), t).save(tmp_path / "numbers")
    with pytest.raises(ValueError, match="does not answer with one class"):
        imported(FOLDER / "predict_ray.py", monkeypatch).Answers(tmp_path / "numbers")
    answers = imported(FOLDER / "predict_spark.py", monkeypatch).answers_of(tmp_path / "numbers")
    with pytest.raises(ValueError, match="does not answer with one class"):
        next(answers(iter([pd.DataFrame({"text": ["good"]})])))


@pytest.mark.parametrize("known", [["heartbeat"], ["heartbeat", "shutdown"]], ids=["older JAX", "newer JAX"])
def test_the_program_gives_jax_only_the_limits_that_it_knows(known, monkeypatch):
    """`make test-colab` has JAX 0.7.2, which has no second one."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")  # the program would set it, and leave it set
    initialize = mock.MagicMock()
    initialize.__signature__ = inspect.Signature(
        [inspect.Parameter(f"{name}_timeout_seconds", inspect.Parameter.KEYWORD_ONLY) for name in known]
    )
    monkeypatch.setitem(sys.modules, "jax", mock.MagicMock(distributed=mock.MagicMock(initialize=initialize)))
    monkeypatch.setenv("SLURM_STEP_NODELIST", "two")
    monkeypatch.delenv("KERAS_DISTRIBUTION_NUM_PROCESSES", raising=False)
    imported(FOLDER / "train.py", monkeypatch).join_the_others()
    initialize.assert_called_once_with(**{f"{name}_timeout_seconds": 20 for name in known})


def imported(path, monkeypatch):
    """A file of the folder as a module, whatever is installed of the engines."""
    for name in ("ray", "pyspark", "pyspark.sql", "pyspark.sql.types"):
        monkeypatch.setitem(sys.modules, name, mock.MagicMock())
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.weekly
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="JAX is not installed")
def test_the_program_runs_as_two_processes(tmp_path, shallow):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment |= {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "JAX_DISABLE_MOST_OPTIMIZATIONS": "1"}
    environment |= {"KERAS_DISTRIBUTION_JOB_ADDRESSES": free_address(), "KERAS_DISTRIBUTION_NUM_PROCESSES": "2"}
    environment["PYTHONPATH"] = str(FOLDER.parents[1])
    command = [sys.executable, FOLDER / "train.py", tmp_path / "run", shallow, "24", "1"]
    environments = [environment | {"KERAS_DISTRIBUTION_PROCESS_ID": str(number)} for number in range(2)]
    with started([command] * 2, environments) as programs:
        (code, first, errors), (other_code, second, _) = [program.end() for program in programs]
    assert [code, other_code] == [0, 0], errors[-3000:]
    assert "accuracy" in first
    assert [line for line in second.splitlines() if not line.startswith("[Gloo]")] == []  # JAX's own, on CPUs
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["best", "last.safetensors", "predictor"]
    assert ktlearn.load_predictor(tmp_path / "run" / "predictor").get_classes() == ["negative", "positive"]
