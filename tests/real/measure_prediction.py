"""Measure what an answer costs in each engine, in 32 and in 8 bits: a table of lesson 15.

    python -m tests.real.measure_prediction [reviews] [base] [--seeds 1] [--minutes 10]

A line of ``measured/prediction.jsonl`` is one classifier in one engine; :mod:`tests.real.portions` says how the file
grows. All engines get one core, and the texts one at a time, tokenizer included.

- reviews: minilm-en, fine-tuned on the course's reviews; its 265 validation reviews are answered.
- base: BERT-base's shape with random weights, and 40 of these reviews. Its answers mean nothing, so only time and size.
- "reviews, another machine": kept from a machine that is gone, since an engine's time hangs on the processor.

The engines: TensorFlow, as ``predictor.predict_proba`` does it; onnxruntime and OpenVINO with the file of
``predictor.export_model_to_onnx``, and with the one of ``quantize=True``. OpenVINO is measured where it is installed:
it is no part of the course's environment (``pip install openvino``).

A line has "ms": CPU milliseconds of a text, the median; "file MB" (10⁶ bytes); "accuracy"; and "change": the largest
difference of a probability from TensorFlow's.
"""

import functools
import importlib.util
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}

import numpy as np

from tests.real.measure_bert_base import bert_base
from tests.real.measure_ways import CLASSES, MAXLEN, on_reviews
from tests.real.portions import measure

LINES = Path(__file__).with_name("measured") / "prediction.jsonl"
FOLDER = Path(tempfile.mkdtemp())
ENGINES = ["TensorFlow", "onnxruntime", "onnxruntime, 8 bits"]
if importlib.util.find_spec("openvino"):
    ENGINES += ["OpenVINO", "OpenVINO, 8 bits"]
TEXTS = {"reviews": None, "base": 40}


@functools.cache
def made(study, seed):
    """A predictor, its two ONNX files, some texts and their classes."""
    import ktlearn
    from ktlearn import text
    from ktlearn.data import load_reviews

    held = load_reviews("validation")[: TEXTS[study]]
    if study == "reviews":
        learner, train = on_reviews("plain", seed)
        train()
        model, name = learner.model, "ktlearn/minilm-en"
    else:
        name = FOLDER / "base"
        name.mkdir()
        bert_base(name)
    t = text.Transformer(str(name), maxlen=MAXLEN, class_names=CLASSES)
    t.preprocess_train(["bad", "good"], CLASSES, verbose=0)
    predictor = ktlearn.get_predictor(model if study == "reviews" else t.get_classifier(), t)
    files = {8: FOLDER / f"{study}-8.onnx", 32: FOLDER / f"{study}-32.onnx"}
    for bits, path in files.items():
        predictor.export_model_to_onnx(str(path), quantize=bits == 8)
    weights = FOLDER / f"{study}-saved"
    predictor.save(str(weights))
    files[0] = weights / "model.safetensors"
    return predictor, files, held["text"].tolist(), (held["sentiment"] == "positive").to_numpy()


def answerer(engine, predictor, path):
    """A function from a text to its two probabilities."""
    if engine == "TensorFlow":
        return functools.partial(predictor.predict_proba, verbose=0)
    tokenizer = predictor.preproc.tokenizer
    if engine.startswith("onnxruntime"):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

        def logits(inputs):
            return session.run(None, inputs)[0]
    else:
        import openvino

        compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": 1})

        def logits(inputs):
            return compiled(inputs)[0]

    def answer(one):
        inputs = tokenizer([one], truncation=True, max_length=MAXLEN, return_tensors="np", return_token_type_ids=True)
        scores = logits({name: array.astype("int64") for name, array in inputs.items()})[0]
        odds = np.exp(scores - scores.max())
        return odds / odds.sum()

    return answer


def run(setting, seed):
    predictor, files, texts, truth = made(setting["study"], seed)
    path = files[0 if setting["engine"] == "TensorFlow" else 8 if "8 bits" in setting["engine"] else 32]
    answer = answerer(setting["engine"], predictor, path)
    for one in texts:  # each length is traced, or prepared, once
        answer(one)
    found, spent = [], []
    for one in texts:
        start = time.process_time()
        found.append(answer(one))
        spent.append(time.process_time() - start)
    figures = {"ms": round(1000 * statistics.median(spent), 2), "file MB": round(path.stat().st_size / 1e6, 1)}
    if setting["study"] == "reviews":
        found = np.array(found)
        reference = np.asarray(predictor.predict_proba(texts, verbose=0))
        figures["accuracy"] = round(float(((found[:, 1] > 0.5) == truth).mean()), 4)
        figures["change"] = float(f"{np.abs(found - reference).max():.2g}")
    print(setting, figures, flush=True)
    return figures


if __name__ == "__main__":
    measure(__doc__, LINES, TEXTS, lambda study: [{"study": study, "engine": engine} for engine in ENGINES], run)
