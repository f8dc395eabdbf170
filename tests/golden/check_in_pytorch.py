"""PyTorch transformers opens what ktlearn saved and computes the same. Run by hand, in two environments.

The first has ktlearn, the second PyTorch (see make_golden.py); neither needs the other's packages:

    python tests/golden/check_in_pytorch.py save FOLDER
    torch-env/bin/python tests/golden/check_in_pytorch.py check FOLDER

``save`` loads each golden checkpoint, changes every weight a little (as training would), saves it and
notes what ktlearn computes. It also saves a predictor. ``check`` opens the folders with the task's AutoModel
class and compares; the predictor's also with AutoTokenizer, from raw texts to named classes. It prints the
largest differences and ends with an error if one is over 1e-4.
"""

import sys
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent
TASKS = {
    "classification": "AutoModelForSequenceClassification",
    "masked-lm": "AutoModelForMaskedLM",
    "causal-lm": "AutoModelForCausalLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "question-answering": "AutoModelForQuestionAnswering",
    None: "AutoModel",
}
INPUTS = ("input_ids", "attention_mask", "token_type_ids", "decoder_input_ids")
# Marian's sines, which transformers computes where a file has none.
SINES = {f"{side}.embed_positions.weight" for side in ("encoder", "decoder")}
LIMIT = 1e-4
CLASSES = ["negative", "neutral", "positive"]
TEXTS = ["Not a bad film.", "The room was cold, the food was colder: two stars, and I am being kind. " * 3, "Fine!"]
PAIRS = [("Was it good?", "It was."), ("Who said so?", "Nobody whom I would ask again.")]


def checkpoints():
    """(folder, task) of every golden checkpoint."""
    for config in sorted(GOLDEN.glob("*/config.json")):
        name = config.parent.name
        yield config.parent, next((task for task in TASKS if task and task in name), None)


def inputs_for(folder):
    """The golden inputs of a checkpoint; one whose weights lie in other files has those of its original."""
    original = folder.name.removesuffix("-2018").removesuffix("-sharded")
    with np.load(GOLDEN / original / "expected.npz") as expected:
        return {name: expected[name] for name in INPUTS if name in expected}


def save(target):
    from ktlearn import models

    rng = np.random.default_rng(0)
    for folder, task in checkpoints():
        model = models.from_pretrained(folder, task=task)
        for variable in model.trainable_variables:
            variable.assign_add(rng.normal(0, 0.05, variable.shape))
        model.save_pretrained(target / folder.name)
        output = model(inputs_for(folder), return_attention=True)
        answers = {"last_hidden_state": output.last_hidden_state, "attentions": np.stack(output.attentions)}
        if output.logits is not None:
            answers["logits"] = output.logits
        np.savez(target / folder.name / "ktlearn.npz", **{name: np.array(array) for name, array in answers.items()})
    save_predictor(target / "predictor", rng)


def save_predictor(folder, rng):
    import ktlearn
    from ktlearn import text

    t = text.Transformer("ktlearn/mini-bert-en", maxlen=64, class_names=CLASSES)
    t.preprocess_train(TEXTS, [0, 1, 2], verbose=0)
    model = t.get_classifier()
    for variable in model.trainable_variables:
        variable.assign_add(rng.normal(0, 0.05, variable.shape))
    predictor = ktlearn.get_predictor(model, t)
    predictor.save(folder)
    logits = {name: predictor.logits(t.preprocess(texts)) for name, texts in (("texts", TEXTS), ("pairs", PAIRS))}
    np.savez(folder / "ktlearn.npz", **logits)


def check(target):
    import torch
    import transformers

    worst = 0.0
    for folder, task in checkpoints():
        saved = target / folder.name
        model, report = getattr(transformers, TASKS[task]).from_pretrained(
            saved, attn_implementation="eager", output_loading_info=True
        )
        computed = SINES if folder.name == "marian" else set()
        problems = {kind: set(names) - computed for kind, names in report.items() if set(names) - computed}
        if problems:
            sys.exit(f"{saved}: PyTorch did not find all tensors in their place: {problems}")
        inputs = inputs_for(folder)
        batch = {name: torch.tensor(array).long() for name, array in inputs.items()}
        with torch.no_grad():
            output = model.eval()(**batch, output_attentions=True, output_hidden_states=True)
        if "encoder_attentions" in output:
            theirs = {"last_hidden_state": output.decoder_hidden_states[-1]}
            theirs |= {"attentions": torch.stack(output.encoder_attentions)}
        else:
            theirs = {"last_hidden_state": output.hidden_states[-1], "attentions": torch.stack(output.attentions)}
        if task == "question-answering":
            theirs["logits"] = torch.stack([output.start_logits, output.end_logits], dim=-1)
        elif task:
            theirs["logits"] = output.logits
        ours = np.load(saved / "ktlearn.npz")
        differences = {
            name: float(np.abs(answered(name, ours[name] - array.numpy(), inputs)).max())
            for name, array in theirs.items()
        }
        print(f"{folder.name:32}", *(f"{name} {value:.1e}" for name, value in differences.items()))
        worst = max(worst, *differences.values())
    worst = max(worst, check_predictor(target / "predictor"))
    print(f"largest difference: {worst:.1e}")
    if worst > LIMIT:
        sys.exit(f"It is over {LIMIT}.")


def answered(name, array, inputs):
    """An array without what stands at padding, where a text is padded on the left: such a position may see nothing."""
    real = inputs["attention_mask"] == 1  # (B, L)
    if real[:, 0].all():
        return array
    return array.transpose(1, 3, 0, 2, 4)[real] if name == "attentions" else array[real]


def check_predictor(folder):
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(folder).eval()
    if list(model.config.id2label.values()) != CLASSES:
        sys.exit(f"{folder}: PyTorch reads the classes {model.config.id2label}, not {CLASSES}.")
    ours, differences = np.load(folder / "ktlearn.npz"), {}
    for name, first, second in (("texts", TEXTS, None), ("pairs", *map(list, zip(*PAIRS, strict=True)))):
        batch = tokenizer(first, second, padding=True, truncation=True, max_length=64, return_tensors="pt")
        with torch.no_grad():
            differences[name] = float(np.abs(model(**batch).logits.numpy() - ours[name]).max())
    print(f"{folder.name:32}", *(f"{name} {value:.1e}" for name, value in differences.items()))
    return max(differences.values())


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("save", "check"):
        sys.exit(__doc__)
    {"save": save, "check": check}[sys.argv[1]](Path(sys.argv[2]))
