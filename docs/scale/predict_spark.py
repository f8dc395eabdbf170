"""Answers for many texts from many machines, with Spark: ``spark-submit predict_spark.py PREDICTOR SOURCE TARGET``.

PREDICTOR is what ``predictor.save`` wrote, and SOURCE is Parquet with a column ``text``. TARGET becomes a folder of the
same rows with the columns ``prediction`` and ``probability``, so the predictor must answer with one class; a
TARGET that is there already is an error. Every machine must be able to read and write all three.

Each process takes all cores of its machine. Where an executor has many cores, let fewer processes run side by side:
``spark-submit --conf spark.task.cpus=4 predict_spark.py …``.
"""

import sys

from pyspark.sql import SparkSession
from pyspark.sql.types import DoubleType, StringType, StructField, StructType


def answers_of(folder):
    """The function that Spark calls for each part of the rows: the parts come as data frames, one after the other."""

    def answers(frames):
        import ktlearn

        predictor = ktlearn.load_predictor(folder)  # once for a part, not for a data frame
        if predictor.preproc.labels.kind != "classes":
            raise ValueError(f"{folder} does not answer with one class: write the columns of its answers below.")
        classes = predictor.get_classes()
        for frame in frames:
            scores = predictor.predict_proba(frame["text"].tolist(), verbose=0)
            prediction = [classes[best] for best in scores.argmax(1)]
            yield frame.assign(prediction=prediction, probability=scores.max(1).astype(float))

    return answers


if __name__ == "__main__":
    predictor, source, target = sys.argv[1:]
    spark = SparkSession.builder.appName("ktlearn").getOrCreate()
    texts = spark.read.parquet(source).repartition(spark.sparkContext.defaultParallelism)  # a part for each core
    added = [StructField("prediction", StringType()), StructField("probability", DoubleType())]
    texts.mapInPandas(answers_of(predictor), StructType([*texts.schema.fields, *added])).write.parquet(target)
