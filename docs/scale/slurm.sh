#!/bin/bash
# Two machines with four GPUs each, and one process for each GPU:
#     sbatch slurm.sh /shared/runs/first
# Call it in this folder, with the Python environment active; both lie on a disk that all machines see.
# The GPUs are asked for by machine, not by task: JAX gives the third process of a machine the third GPU it can see.
#SBATCH --job-name=ktlearn
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=4
#SBATCH --gpus-per-node=4
#SBATCH --cpus-per-task=4
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
set -euo pipefail

folder=${1:?"say where the run is to be kept: a folder that all machines see"}
export KERAS_BACKEND=jax

# JAX finds its neighbours by Slurm's own variables. When one process dies, srun ends the others, and the job is queued
# again, at most 20 times: train.py goes on from the last epoch. (srun does not take over the cores of a task by itself.)
# When --time is over, Slurm ends this script too: if squeue does not show the job again, give the same sbatch line once
# more, and it goes on.
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" --kill-on-bad-exit=1 python train.py "$folder" && exit
[ "${SLURM_RESTART_COUNT:-0}" -lt 20 ] && scontrol requeue "$SLURM_JOB_ID"
exit 1
