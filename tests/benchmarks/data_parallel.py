"""Texts in a second, on JAX: one process against two on this machine, each with a processor core of its own.

    python tests/benchmarks/data_parallel.py [TEXTS]

It fine-tunes the bundled mini-bert-en on bundled reviews of one padded length, batches of 32; the first two epochs, in
which JAX compiles, do not count. Two processes on one machine show what the sharing costs; they are no way to use it.
"""

import os
import socket
import subprocess
import sys
import time

BATCH, EPOCHS, COMPILING = 32, 5, 2


def work(address, processes, process, texts):
    """One process of a run; the first one prints texts in a second."""
    os.sched_setaffinity(0, {process % os.cpu_count()})
    import jax

    if processes > 1:
        jax.distributed.initialize(address, processes, process)
    import keras

    keras.distribution.set_distribution(keras.distribution.DataParallel())
    keras.utils.set_random_seed(0)
    import ktlearn
    from ktlearn import data, text

    (x, y), *_ = data.load_review_lists()
    t = text.Transformer("ktlearn/mini-bert-en", maxlen=64)
    repeated = [" ".join([words] * 20) for words in x[:texts]]  # each fills its 64 positions: one shape
    trn = t.preprocess_train(repeated, y[:texts], verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, batch_size=BATCH)
    ends = []
    end = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter()))
    history = learner.fit(1e-4, EPOCHS, callbacks=[end], verbose=0)
    if process == 0:
        speed = (EPOCHS - COMPILING) * len(repeated) / (ends[-1] - ends[COMPILING - 1])
        print(f"{processes} process(es): {speed:.1f} texts/s, loss {history.history['loss'][-1]:.5f}", flush=True)


def main(texts):
    """Run one process, then two."""
    for processes in (1, 2):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
        running = [
            subprocess.Popen([sys.executable, __file__, address, str(processes), str(number), texts], env=environment)
            for number in range(processes)
        ]
        if any([process.wait() for process in running]):
            raise SystemExit("a process failed")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        work(sys.argv[1], *map(int, sys.argv[2:]))
    else:
        main(*(sys.argv[1:] or ["256"]))
