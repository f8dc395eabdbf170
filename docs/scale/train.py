"""One training for one machine or many: what Slurm, Kubernetes and Ray start here is always this program.

    python train.py FOLDER [MODEL [TEXTS [EPOCHS]]]

Every process runs it on the same data. A run that was cut off goes on from FOLDER when it is started again, with as
many processes as there are then. FOLDER must be on a disk that all processes see; at the end FOLDER/predictor holds
what ``ktlearn.load_predictor`` reads.
"""

import inspect
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "jax")  # before keras is imported
import jax

# A process that has died is noticed after this time, and nobody waits longer than this for it at the end.
LIMITS = {"heartbeat_timeout_seconds": 20}
if "shutdown_timeout_seconds" in inspect.signature(jax.distributed.initialize).parameters:  # since JAX 0.8.1
    LIMITS["shutdown_timeout_seconds"] = 20


def join_the_others():
    """Become one process of many, by Keras' environment variables or by Slurm's; do nothing where there are none."""
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        jax.distributed.initialize(
            coordinator_address=os.environ["KERAS_DISTRIBUTION_JOB_ADDRESSES"].split(",")[0],
            num_processes=int(os.environ["KERAS_DISTRIBUTION_NUM_PROCESSES"]),
            process_id=int(os.environ["KERAS_DISTRIBUTION_PROCESS_ID"]),
            **LIMITS,
        )
    elif "SLURM_STEP_NODELIST" in os.environ:  # JAX reads all that it needs from Slurm
        jax.distributed.initialize(**LIMITS)


def main(folder, model="ktlearn/mini-bert-en", texts=1000, epochs=4):
    """Fine-tune a model on the bundled reviews, save its predictor, and report it on their validation part."""
    import keras

    keras.distribution.set_distribution(keras.distribution.DataParallel())  # before the model is made
    keras.utils.set_random_seed(0)  # the same fresh head in every process

    import ktlearn
    from ktlearn import data, text

    (x_train, y_train), (x_val, y_val), _ = data.load_review_lists()
    t = text.Transformer(model, maxlen=128)
    trn = t.preprocess_train(x_train[:texts], y_train[:texts], verbose=0)
    val = t.preprocess_test(x_val[:texts], y_val[:texts], verbose=0)
    learner = ktlearn.get_learner(t.get_classifier(), trn, val, batch_size=32)
    learner.fit_onecycle(2e-4, epochs, checkpoint_folder=folder, resume=True)
    ktlearn.get_predictor(learner.model, t).save(f"{folder}/predictor")  # the first process writes, but all must call
    return learner.validate()


if __name__ == "__main__":
    folder, *rest = sys.argv[1:]
    join_the_others()
    main(folder, *rest[:1], *map(int, rest[1:]))
