"""Golden checkpoints of one layer with a tokenizer: they read texts of a few words, and are quickly compiled."""

import json
import re
import shutil
from pathlib import Path

from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from tests.tiny import FILLERS

GOLDEN = Path(__file__).parents[1] / "golden"
VOCAB = 60
SPECIAL = {  # the ids that the golden configs give them
    "marian-seq2seq": {"eos_token": 0, "pad_token": 59},
    "bart-seq2seq": {"eos_token": 2, "pad_token": 1},
    "t5-seq2seq": {"eos_token": 1, "pad_token": 0},
    "gpt2-causal-lm": {"eos_token": 59},
    "bert-masked-lm": {"pad_token": 0, "mask_token": 4},
}
LAYERS = ("num_hidden_layers", "encoder_layers", "decoder_layers", "num_layers", "num_decoder_layers", "n_layer")
NAMES = {"eos_token": "</s>", "pad_token": "<pad>", "mask_token": "[MASK]"}


def tokenizer_for(name, words=(), **settings):
    """Each word is one token; an encoder–decoder's texts end with its end token."""
    special = {NAMES[kind]: number for kind, number in SPECIAL[name].items()}
    unk = next(number for number in range(3, VOCAB) if number not in special.values())
    known = {token: number for token, number in special.items()} | {"<unk>": unk}
    free = iter([number for number in range(VOCAB) if number not in known.values()])
    given = [*words, *FILLERS.split(), "good", "bad", ".", ":"]
    vocabulary = known | dict(zip(given, free, strict=False))
    vocabulary |= {f"word{number}": number for number in free}
    tokenizer = Tokenizer(WordLevel(vocab=vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(".", "isolated"), pre_tokenizers.Split(":", "isolated")]
    )
    if name.endswith("seq2seq"):
        end = [("</s>", vocabulary["</s>"])]
        tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=end)
    names = {kind: NAMES[kind] for kind in SPECIAL[name]}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", **names, **settings)


def first_layers(name, folder):
    """A copy of a golden checkpoint with the first layer alone of each stack, for tests that compile: its folder."""
    shutil.copytree(GOLDEN / name, folder)
    tensors, config = load_file(folder / "model.safetensors"), json.loads((folder / "config.json").read_text())
    higher = re.compile(r"\.(layers|block|h|encoder\.layer)\.[1-9]").search  # T5 has a "layer.1" in each block
    save_file({key: array for key, array in tensors.items() if not higher(key)}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config | dict.fromkeys(config.keys() & {*LAYERS}, 1)))
    return folder


def checkpoint_with_tokenizer(name, folder, config=None, generation=None, words=(), **settings):
    """A copy of the first layers of a golden checkpoint that reads texts: its folder.

    Args:
        name: the golden checkpoint.
        folder: where the copy goes; its name is the checkpoint's.
        config, generation: what is written into ``config.json`` and ``generation_config.json``.
        words: tokens beside the usual ones.
        **settings: of the tokenizer.
    """
    first_layers(name, folder)
    tokenizer_for(name, words, **settings).save_pretrained(folder)
    for file, more in {"config.json": config, "generation_config.json": generation}.items():
        path = folder / file
        written = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(written | (more or {})))
    return folder
