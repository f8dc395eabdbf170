"""Answers for many texts from many machines, with Ray Data: ``python predict_ray.py PREDICTOR SOURCE TARGET``.

PREDICTOR is what ``predictor.save`` wrote, and SOURCE is Parquet with a column ``text``. TARGET becomes a folder of the
same rows with the columns ``prediction`` and ``probability``, so the predictor must answer with one class; a
TARGET that is there already is an error. Every machine must be able to read and write all three: give whole paths
(``/shared/…``). Ray 2.53 fails with pandas 3, which newer ones know.
"""

import os
import sys

import ray


class Answers:
    """A process that answers: it reads the model once, and then data frame after data frame comes."""

    def __init__(self, folder):
        import ktlearn

        self.predictor = ktlearn.load_predictor(folder)
        if self.predictor.preproc.labels.kind != "classes":
            raise ValueError(f"{folder} does not answer with one class: write the columns of its answers below.")

    def __call__(self, frame):
        scores = self.predictor.predict_proba(frame["text"].tolist(), verbose=0)
        classes = self.predictor.get_classes()
        return frame.assign(prediction=[classes[best] for best in scores.argmax(1)], probability=scores.max(1))


if __name__ == "__main__":
    predictor, source, target = sys.argv[1:]
    if os.path.exists(target):  # Ray would add to it: the rows of a job that begins anew would be there twice
        sys.exit(f"{target} is there already: remove it, or name another.")
    answered = ray.data.read_parquet(source).map_batches(
        Answers,
        fn_constructor_args=[predictor],
        batch_format="pandas",
        batch_size=4096,
        # At most so many processes: as many as machines; or, with num_gpus=1 added, as many as GPUs. (With size=2 there
        # would be two at once, and on a machine of two cores none left for reading.)
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=2),
    )
    answered.write_parquet(target)
