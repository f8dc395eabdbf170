"""What a token costs as the text grows: milliseconds by position, for caches of several lengths, drawn.

    python tests/benchmarks/token_cost.py assets/figures/token_cost.svg

GPT-2 small with random weights, one text. A cache has a fixed shape, and each step looks at the whole of it: within one
text the cost does not grow, and from cache to cache it grows by what attention itself has to read.
"""

import sys
import time

import matplotlib.pyplot as plt
import numpy as np
import transformers
from others import Others

from ktlearn import models
from ktlearn.backend import ops
from ktlearn.generate.writing import Task

LENGTHS = (64, 128, 256, 512, 1024)  # of the cache
HOP = 8  # tokens that are timed together
RUNS = 3
PROMPT = 16


def main():
    model = models.from_config(transformers.GPT2Config(), task="causal-lm", seed=0)
    fig, axes = plt.subplots(figsize=(7, 3.2), layout="constrained")
    others = Others()
    for length in LENGTHS:
        positions, costs = costs_of(model, length)
        axes.plot(positions, costs, label=f"{length} positions")
        quarter = len(costs) // 4
        first, last = np.median(costs[:quarter]), np.median(costs[-quarter:])
        print(
            f"cache of {length:5}: {np.median(costs):6.1f} ms a token; first quarter {first:.1f}, last {last:.1f}",
            flush=True,
        )
    print(others.warning("The milliseconds are too large."), end="")
    axes.set(xlabel="position in the text", ylabel="ms a token", ylim=(0, None), title="GPT-2 small, one text")
    axes.legend(title="cache of")
    fig.savefig(sys.argv[1], metadata={"Date": None})


def costs_of(model, length):
    """Positions, and the milliseconds of a token there: the least of some runs, since other programs disturb.

    What stands before the position is not written first: a step's cost does not depend on which numbers it reads.
    """
    prompt = np.arange(PROMPT)[None] + 100
    task = Task(model, prompt, None, {"max_new_tokens": length - PROMPT, "eos_token_id": [], "pad_token_id": 0})
    job, search = task.job(), task.search()
    assert job.ids.shape[1] == length
    context, state = search.begin(job)

    def seconds(position):
        here = state | {"position": ops.convert_to_tensor(np.int32(position))}
        start = time.perf_counter()
        there = search.go_on(context, here, job, np.int32(position + HOP))
        int(there["position"])  # waits for the backend
        return time.perf_counter() - start

    positions = np.linspace(PROMPT, length - 1 - HOP, 8).astype("int32")
    seconds(positions[0])  # traces
    costs = np.min([[seconds(position) for position in positions] for _ in range(RUNS)], axis=0)
    return positions, costs / HOP * 1000


if __name__ == "__main__":
    main()
