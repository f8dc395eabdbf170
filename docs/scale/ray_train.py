"""The same training started by Ray: ``python ray_train.py /shared/runs/first``, on a machine of a Ray cluster.

Two machines with four GPUs each, and Ray 2.53 or later. Ray Train's JaxTrainer starts a process on each and joins them
(``jax.distributed``); train.py, which Ray copies to them with this folder, does the rest. Every machine has ktlearn and
JAX with CUDA installed, and sees the folder of the run.
"""

import sys
from pathlib import Path

import ray
from ray.train import FailureConfig, RunConfig, ScalingConfig
from ray.train.v2.jax import JaxTrainer


def train_on_each_worker(settings):
    """What each process does."""
    from train import main

    main(settings["folder"])


if __name__ == "__main__":
    here = str(Path(__file__).resolve().parent)
    ray.init(runtime_env={"working_dir": here, "env_vars": {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cuda"}})
    JaxTrainer(
        train_on_each_worker,
        train_loop_config={"folder": sys.argv[1]},
        # One process for each machine, with all its GPUs: two on one machine would be given the same ones.
        scaling_config=ScalingConfig(
            num_workers=2, use_gpu=True, resources_per_worker={"GPU": 4}, placement_strategy="STRICT_SPREAD"
        ),
        run_config=RunConfig(failure_config=FailureConfig(max_failures=20)),  # all start again, and go on
    ).fit()
