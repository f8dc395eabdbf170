"""Write the golden tokens: what PyTorch transformers' ``generate`` writes with the golden checkpoints.

Run in the environment of make_golden.py, after it:

    torch-env/bin/python tests/golden/make_generation.py

For each case of CASES, ``generation.json`` beside the checkpoint holds the options, the prompts and the new tokens,
without the prompt and without the filling behind the end; of beams also the scores. The logits' processors get random
scores and texts; what they answer is in ``processors.npz`` here.

Written with torch 2.13 and transformers 5.24.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers.generation import logits_process

HERE = Path(__file__).parent
BEAMS = {"num_beams": 4}
NO_END = 59  # a token that none of these models writes before it has to
OPTIONS = {
    "greedy": {},
    "repetition": {"repetition_penalty": 1.8},
    "ngrams": {"no_repeat_ngram_size": 2},
    "bigrams of one": {"no_repeat_ngram_size": 1},
    "least": {"min_new_tokens": 9},
    "forced end": {"forced_eos_token_id": 7},
    "beams": BEAMS,
    "beams, long": BEAMS | {"length_penalty": 2.0},
    "beams, short": BEAMS | {"length_penalty": -1.0},
    "beams, early": BEAMS | {"early_stopping": True, "num_return_sequences": 3},
    "beams, never": BEAMS | {"early_stopping": "never", "length_penalty": 1.5},
    "beams, ngrams": BEAMS | {"no_repeat_ngram_size": 2, "min_new_tokens": 4},
    "beams, repetition": BEAMS | {"repetition_penalty": 1.5},
    "beams, forced end": BEAMS | {"forced_eos_token_id": 7},
}
OF_SEQ2SEQ = {
    "forced begin": {"forced_bos_token_id": 9},
    "beams, forced begin": BEAMS | {"forced_bos_token_id": 9, "forced_eos_token_id": 2},
    "lengths with the first": {"max_length": 8, "min_length": 6},
}
OF_DECODER = {"lengths with the prompt": {"max_length": 14, "min_length": 12}}
FEW = ("greedy", "beams", "beams, ngrams", "beams, two ends")
CHECKPOINTS = {  # class, more options, the titles of the cases or None for all
    "gpt2-causal-lm": ("AutoModelForCausalLM", OF_DECODER, None),
    "llama-causal-lm": ("AutoModelForCausalLM", {}, FEW),
    "mistral-causal-lm": ("AutoModelForCausalLM", {}, FEW),
    "qwen2-causal-lm": ("AutoModelForCausalLM", {}, FEW),
    "t5-seq2seq": ("AutoModelForSeq2SeqLM", OF_SEQ2SEQ, None),
    "t5-gated-seq2seq": ("AutoModelForSeq2SeqLM", {}, FEW),
    "marian-seq2seq": ("AutoModelForSeq2SeqLM", {}, FEW),
    "bart-seq2seq": ("AutoModelForSeq2SeqLM", {}, FEW),
}


def main():
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    for name, (class_name, more, titles) in CHECKPOINTS.items():
        model = getattr(transformers, class_name).from_pretrained(HERE / name).eval()
        begin = {"decoder_start_token_id": 0} if model.config.is_encoder_decoder else {}
        # An end, and tokens to leave out, that this model writes: else they would change nothing.
        tokens = case(model, "", begin | {"eos_token_id": NO_END, "pad_token_id": 0})["tokens"][0][0]
        common = begin | {"eos_token_id": tokens[-1], "pad_token_id": 0}
        beam = case(model, "", common | BEAMS)["tokens"][0][0]
        cases = {
            "two ends": {"eos_token_id": tokens[-2:]},
            "suppressed": {"suppress_tokens": tokens[:1]},
            "beams, renormalised": BEAMS | {"renormalize_logits": True, "bad_words_ids": [beam[:1]]},
            "beams, two ends": BEAMS | {"eos_token_id": tokens[-2:]},
        }
        chosen = {title: each for title, each in (OPTIONS | more | cases).items() if titles is None or title in titles}
        cases = [case(model, title, common | options) for title, options in chosen.items()]
        write(HERE / name / "generation.json", cases)
    np.savez(HERE / "processors.npz", **processors())


def case(model, title, options):
    """Three prompts: alone each, and together, which must be the same."""
    rng = np.random.default_rng(7)
    prompts = [rng.integers(2, 60, length).tolist() for length in (7, 4, 1)]
    if "max_length" not in options:
        options = options | {"max_new_tokens": 12}
        found = [written(model, prompt, options) for prompt in prompts]
    else:  # it counts the prompt's tokens, so only one prompt
        prompts = prompts[:1]
        found = [written(model, prompts[0], options)]
    return {
        "title": title,
        "options": options,
        "prompts": prompts,
        "tokens": [f[0] for f in found],
        "scores": [f[1] for f in found],
    }


def written(model, prompt, options):
    ids = torch.tensor([prompt])
    with torch.no_grad():
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            use_cache=False,  # transformers 5.24 makes one with too few layers where the decoder is deeper
            return_dict_in_generate=True,
            output_scores=True,
            **options,
        )
    before = 1 if model.config.is_encoder_decoder else len(prompt)
    ends = options["eos_token_id"]
    rows = []
    for row in out.sequences[:, before:].tolist():
        end = next((i for i, token in enumerate(row) if token in ([ends] if isinstance(ends, int) else ends)), len(row))
        rows.append(row[: end + 1])
    scores = getattr(out, "sequences_scores", None)
    return rows, None if scores is None else [round(x, 6) for x in scores.tolist()]


def processors():
    generator = torch.Generator().manual_seed(0)
    scores = 3 * torch.randn((4, 40), generator=generator)
    ids = torch.randint(0, 4, (4, 15), generator=generator)  # few tokens, so that three in a row come again
    made = {
        "top_k": logits_process.TopKLogitsWarper(5),
        "top_p": logits_process.TopPLogitsWarper(0.8),
        "temperature": logits_process.TemperatureLogitsWarper(0.7),
        "repetition_penalty": logits_process.RepetitionPenaltyLogitsProcessor(1.7),
        "ngrams_1": logits_process.NoRepeatNGramLogitsProcessor(1),
        "ngrams_2": logits_process.NoRepeatNGramLogitsProcessor(2),
        "ngrams_3": logits_process.NoRepeatNGramLogitsProcessor(3),
    }
    answers = {name: processor(ids, scores.clone()).numpy() for name, processor in made.items()}
    both = made["top_p"](ids, made["top_k"](ids, made["temperature"](ids, scores.clone())))
    return answers | {"all_three": both.numpy(), "scores": scores.numpy(), "ids": ids.numpy()}


def write(path, cases):
    lines = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
