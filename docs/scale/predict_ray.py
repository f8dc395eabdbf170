"""Answers for many texts from many machines, with Ray Data: ``python predict_ray.py PREDICTOR SOURCE TARGET``.

PREDICTOR is what ``predictor.save`` wrote, and SOURCE is Parquet with a column ``text``. TARGET becomes a folder of the
same rows with the columns ``prediction`` and ``probability``, so the predictor must answer with one class. Every
machine must be able to read and write all three.
"""

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
    answered = ray.data.read_parquet(source).map_batches(
        Answers,
        fn_constructor_args=[predictor],
        batch_format="pandas",
        batch_size=4096,
        concurrency=2,  # processes; with GPUs add num_gpus=1, one for each
    )
    answered.write_parquet(target)
