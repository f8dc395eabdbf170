"""What a token costs as the text grows: milliseconds by position, for caches of several lengths, drawn.

    python tests/benchmarks/token_cost.py assets/figures/token_cost.svg

GPT-2 small with random weights, one text. A cache has a fixed shape, and each step looks at the whole of it: within one
text the cost does not grow, and from cache to cache it grows by what attention itself has to read.
"""

import os
import sys
import time

import matplotlib.pyplot as plt
import numpy as np
import transformers

from ktlearn import models
from ktlearn.generate.writing import Task

LENGTHS = (64, 128, 256, 512, 1024)  # of the cache
HOP = 16  # tokens that are timed together
PROMPT = 16


def main():
    model = models.from_config(transformers.GPT2Config(), task="causal-lm", seed=0)
    fig, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    print(f"{len(os.sched_getaffinity(0))} cores; other programs keep {os.getloadavg()[0]:.1f} busy.")
    for length in LENGTHS:
        positions, costs = costs_of(model, length)
        axes.plot(positions, costs, label=f"{length} positions")
        quarter = len(costs) // 4
        first, last = np.median(costs[:quarter]), np.median(costs[-quarter:])
        print(
            f"cache of {length:5}: {np.median(costs):6.1f} ms a token; first quarter {first:.1f}, last {last:.1f}",
            flush=True,
        )
    axes.set(xlabel="position in the text", ylabel="ms a token", ylim=(0, None), title="GPT-2 small, one text")
    axes.legend(title="cache of")
    fig.savefig(sys.argv[1], metadata={"Date": None})


def costs_of(model, length):
    """Positions, and the milliseconds of a token there: the least of two runs, since other programs disturb."""
    prompt = np.arange(PROMPT)[None] + 100
    options = {"max_new_tokens": length - PROMPT, "eos_token_id": [], "pad_token_id": 0}
    task = Task(model, prompt, None, options)
    job, search = task.job(), task.search()
    assert job.ids.shape[1] == length
    search.run(job._replace(last=job.first + 1))  # traces
    runs = []
    for _ in range(2):
        context, state = search.begin(job)
        seconds = []
        for position in range(int(job.first) + HOP, int(job.last) + 1, HOP):
            start = time.perf_counter()
            state = search.go_on(context, state, job, np.int32(position))
            int(state["position"])  # waits for the backend
            seconds.append(time.perf_counter() - start)
        runs.append(seconds)
    costs = np.min(runs, axis=0) / HOP * 1000
    return int(job.first) + HOP * (1 + np.arange(len(costs))), costs


if __name__ == "__main__":
    main()
