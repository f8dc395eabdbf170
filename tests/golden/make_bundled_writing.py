"""Write what PyTorch transformers computes and writes with the bundled models that write.

Their files hold eight or sixteen bits a weight, so they are written out as float32 first, in ktlearn's environment:

    python tests/golden/make_bundled_writing.py --export FOLDER
    torch-env/bin/python tests/golden/make_bundled_writing.py FOLDER

For each model ``bundled_writing.json`` beside this holds the texts, their token ids, the new tokens (greedy, and with
beams as the model's own generation config says), and what the log-probability of each greedy token is.

Written with torch 2.13 and transformers 5.24.
"""

import argparse
import json
from pathlib import Path

HERE = Path(__file__).parent
REPORT = (
    "The bridge over the Wey closed on Monday after an engineer found a crack. Some 3,200 people cross it each day. "
    "The town council hopes to open it again in March. Until then a bus will run from the station to the market."
)
MODELS = {  # the task, and texts of different length, so that a forgotten mask would show
    "translator-en-zh": ("seq2seq", ["The children are playing.", "Tom did not say that he had lost his key again."]),
    "summariser-en": ("seq2seq", [REPORT, REPORT[: len(REPORT) // 2]]),
    "small-gpt-en": ("causal-lm", ["Once upon a time", "The old house stood at the end of"]),
}
NEW_TOKENS = 16


def export(folder):
    """Write each bundled model and its tokenizer as PyTorch reads them."""
    from ktlearn import models
    from ktlearn.text.tokenizer import tokenizer_of

    for name, (task, _) in MODELS.items():
        models.from_pretrained(f"ktlearn/{name}", task=task, verbose=0).save_pretrained(folder / name)
        tokenizer_of(f"ktlearn/{name}").save_pretrained(folder / name)


def write(folder):
    """The golden file, from what :func:`export` has written."""
    import torch
    import transformers

    found = {}
    for name, (task, texts) in MODELS.items():
        side = "right" if task == "seq2seq" else "left"  # a decoder alone goes on at the end
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder / name, padding_side=side)
        kind = transformers.AutoModelForSeq2SeqLM if task == "seq2seq" else transformers.AutoModelForCausalLM
        model = kind.from_pretrained(folder / name, dtype=torch.float32, attn_implementation="eager").eval()
        rows = [tokenizer(text)["input_ids"] for text in texts]
        inputs = tokenizer(texts, padding=True, return_tensors="pt")
        inputs.pop("token_type_ids", None)
        ways = {way: dict(num_beams=beams, min_new_tokens=0) for way, beams in (("greedy", 1), ("beams", 4))}
        case = dict(texts=texts, ids=rows)
        for way, options in ways.items():
            told = model.generate(
                **inputs, **options, max_new_tokens=NEW_TOKENS, return_dict_in_generate=True, output_logits=True
            )
            begin = 1 if task == "seq2seq" else inputs["input_ids"].shape[1]
            case[way] = [_until_end(row[begin:].tolist(), model.generation_config) for row in told.sequences]
            if way == "greedy":
                log_p = torch.stack(told.logits, 1).log_softmax(-1)  # (B, new, V)
                case["log_p"] = [
                    [round(float(log_p[i, t, token]), 5) for t, token in enumerate(row)]
                    for i, row in enumerate(case[way])
                ]
        found[name] = case
    (HERE / "bundled_writing.json").write_text(json.dumps(found, indent=1) + "\n")


def _until_end(row, config):
    """A row's tokens up to its end, without what is filled up behind."""
    ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
    first = next((i for i, token in enumerate(row) if token in ends), len(row))
    return row[: first + 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--export", action="store_true", help="write the models there; left out: read them there")
    args = parser.parse_args()
    (export if args.export else write)(args.folder)


if __name__ == "__main__":
    main()
