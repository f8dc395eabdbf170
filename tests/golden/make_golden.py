"""Write the golden files: tiny random checkpoints, and what PyTorch transformers computes with them.

ktlearn itself never needs PyTorch. This script does, so it runs in an environment of its own, and
its results lie beside it:

    python -m venv torch-env
    torch-env/bin/pip install torch transformers
    torch-env/bin/python tests/golden/make_golden.py           # all
    torch-env/bin/python tests/golden/make_golden.py roberta   # one family

Each folder holds a checkpoint in Hugging Face's layout. Its ``expected.npz`` holds the inputs, and the
logits, the hidden state and the attention maps (eager attention, float32, no dropout). All settings are
unusual on purpose: a wrong activation, a wrong eps, a forgotten bias or segment shows in the numbers.

Written with torch 2.13 and transformers 5.23.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
BERT = dict(
    vocab_size=60,
    hidden_size=21,
    num_hidden_layers=3,
    num_attention_heads=3,
    intermediate_size=26,
    hidden_act="gelu_new",
    max_position_embeddings=24,
    type_vocab_size=3,
    layer_norm_eps=0.03,
)
DISTILBERT = dict(
    vocab_size=60,
    dim=20,
    n_layers=2,
    n_heads=4,
    hidden_dim=31,
    activation="relu",
    max_position_embeddings=24,
)
ROBERTA = dict(
    vocab_size=60,
    hidden_size=21,
    num_hidden_layers=2,
    num_attention_heads=3,
    intermediate_size=26,
    hidden_act="relu",
    max_position_embeddings=24,
    type_vocab_size=1,
    layer_norm_eps=0.03,
    pad_token_id=3,  # not 1, as in the published ones
    classifier_dropout=0.3,
)
XLM_ROBERTA = ROBERTA | dict(hidden_act="silu", pad_token_id=1, type_vocab_size=2)
GPT2 = dict(
    vocab_size=60,
    n_embd=21,
    n_layer=3,
    n_head=3,
    n_inner=26,
    activation_function="silu",
    n_positions=24,
    layer_norm_epsilon=0.03,
)
T5 = dict(
    vocab_size=60,
    d_model=21,
    d_kv=5,
    d_ff=26,
    num_layers=2,
    num_decoder_layers=3,
    num_heads=3,
    relative_attention_num_buckets=8,
    relative_attention_max_distance=6,
    layer_norm_epsilon=0.03,
)
T5_GATED = T5 | dict(feed_forward_proj="gated-gelu", tie_word_embeddings=False)  # version 1.1
# A decoder of today: grouped queries, a head width that is not D / H, and rotary positions in all three of their bands.
LLAMA = dict(
    vocab_size=60,
    hidden_size=20,
    intermediate_size=26,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=6,
    hidden_act="gelu_new",
    max_position_embeddings=48,
    rms_norm_eps=0.03,
    rope_parameters=dict(
        rope_type="llama3",
        rope_theta=50.0,
        factor=3.0,
        low_freq_factor=0.5,
        high_freq_factor=2.0,
        original_max_position_embeddings=24,
    ),
)
LLAMA_TIED = LLAMA | dict(
    hidden_size=24,
    num_attention_heads=3,
    num_key_value_heads=3,
    head_dim=8,
    rope_parameters=dict(rope_type="linear", rope_theta=50.0, factor=2.5),
    attention_bias=True,
    mlp_bias=True,
    tie_word_embeddings=True,
)
MISTRAL = LLAMA | dict(
    num_key_value_heads=1,
    rope_parameters=dict(rope_type="default", rope_theta=30.0),
    sliding_window=3,  # less than the texts are long
)
QWEN2 = LLAMA | dict(
    hidden_size=24,
    hidden_act="silu",
    rope_parameters=dict(rope_type="default", rope_theta=70.0),
    tie_word_embeddings=True,
)
del QWEN2["head_dim"]
DECODERS = ("llama", "llama-tied", "mistral", "qwen2")
MARIAN = dict(
    vocab_size=60,
    d_model=21,
    encoder_layers=2,
    decoder_layers=3,
    encoder_attention_heads=3,
    decoder_attention_heads=3,
    encoder_ffn_dim=26,
    decoder_ffn_dim=26,
    activation_function="swish",
    max_position_embeddings=24,
    scale_embedding=True,
    pad_token_id=59,
    decoder_start_token_id=59,
    eos_token_id=0,
    forced_eos_token_id=0,
)
BART = MARIAN | dict(
    activation_function="gelu_new",
    scale_embedding=False,
    pad_token_id=1,
    decoder_start_token_id=2,
    bos_token_id=0,
    eos_token_id=2,
    forced_eos_token_id=2,
)
FIRST = {"t5": 0, "t5-gated": 0, "marian": 59, "bart": 2}  # what a target begins with
SETTINGS = {
    "bert": (transformers.BertConfig, BERT),
    "distilbert": (transformers.DistilBertConfig, DISTILBERT),
    "roberta": (transformers.RobertaConfig, ROBERTA),
    "xlm-roberta": (transformers.XLMRobertaConfig, XLM_ROBERTA),
    "gpt2": (transformers.GPT2Config, GPT2),
    "t5": (transformers.T5Config, T5),
    "t5-gated": (transformers.T5Config, T5_GATED),
    "llama": (transformers.LlamaConfig, LLAMA),
    "llama-tied": (transformers.LlamaConfig, LLAMA_TIED),
    "mistral": (transformers.MistralConfig, MISTRAL),
    "qwen2": (transformers.Qwen2Config, QWEN2),
    "marian": (transformers.MarianConfig, MARIAN),
    "bart": (transformers.BartConfig, BART),
}
CLASSES = {
    ("bert", None): "BertModel",
    ("bert", "classification"): "BertForSequenceClassification",
    ("bert", "masked-lm"): "BertForMaskedLM",
    ("bert", "question-answering"): "BertForQuestionAnswering",
    ("distilbert", None): "DistilBertModel",
    ("distilbert", "classification"): "DistilBertForSequenceClassification",
    ("distilbert", "masked-lm"): "DistilBertForMaskedLM",
    ("distilbert", "question-answering"): "DistilBertForQuestionAnswering",
    ("roberta", None): "RobertaModel",
    ("roberta", "classification"): "RobertaForSequenceClassification",
    ("roberta", "masked-lm"): "RobertaForMaskedLM",
    ("roberta", "question-answering"): "RobertaForQuestionAnswering",
    ("xlm-roberta", None): "XLMRobertaModel",
    ("xlm-roberta", "classification"): "XLMRobertaForSequenceClassification",
    ("xlm-roberta", "masked-lm"): "XLMRobertaForMaskedLM",
    ("xlm-roberta", "question-answering"): "XLMRobertaForQuestionAnswering",
    ("gpt2", None): "GPT2Model",
    ("gpt2", "causal-lm"): "GPT2LMHeadModel",
    ("t5", None): "T5Model",
    ("t5", "seq2seq"): "T5ForConditionalGeneration",
    ("t5-gated", "seq2seq"): "T5ForConditionalGeneration",
    ("llama", None): "LlamaModel",
    ("llama", "causal-lm"): "LlamaForCausalLM",
    ("llama-tied", "causal-lm"): "LlamaForCausalLM",
    ("mistral", None): "MistralModel",
    ("mistral", "causal-lm"): "MistralForCausalLM",
    ("qwen2", None): "Qwen2Model",
    ("qwen2", "causal-lm"): "Qwen2ForCausalLM",
    ("marian", None): "MarianModel",
    ("marian", "seq2seq"): "MarianMTModel",
    ("bart", None): "BartModel",
    ("bart", "seq2seq"): "BartForConditionalGeneration",
}


def main():
    wanted = sys.argv[1:]  # families; none is all
    for seed, ((family, task), class_name) in enumerate(CLASSES.items()):
        if wanted and family not in wanted:
            continue
        model = random_model(family, task, class_name, seed)
        folder = HERE / (f"{family}-{task}" if task else family)
        model.save_pretrained(folder)
        inputs = random_inputs(family, seed)
        np.savez(folder / "expected.npz", **inputs, **answers(model, inputs))
    if wanted:
        return

    # The same weights in other files; what is expected is the expected.npz of the original.
    model = transformers.AutoModelForMaskedLM.from_pretrained(HERE / "distilbert-masked-lm")
    model.save_pretrained(HERE / "distilbert-masked-lm-sharded", max_shard_size="12KB")
    write_as_in_2018(HERE / "bert-masked-lm", HERE / "bert-masked-lm-2018")


def random_model(family, task, class_name, seed):
    """A model in which every number matters: no bias is 0, no normalisation's weight is 1."""
    config_class, settings = SETTINGS[family]
    labels = {"num_labels": 5} if task == "classification" else {}
    config = config_class(**settings, **labels, attn_implementation="eager")
    model = getattr(transformers, class_name)(config).eval()
    if family == "t5-gated":  # transformers ties the two all the same, until they differ
        model.lm_head.weight = torch.nn.Parameter(torch.zeros_like(model.lm_head.weight))

    # T5 does not divide its scores: with larger weights its softmax would multiply float32's rounding errors.
    size = 0.2 if family.startswith("t5") else 0.3
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:  # Marian's table of sines
            continue
        noise = size * torch.randn(parameter.shape, generator=generator)
        is_norm_weight = ("norm" in name.lower() or ".ln_" in f".{name}") and name.endswith("weight")
        parameter.data = noise + 1 if is_norm_weight else noise
    for name, buffer in model.named_buffers():
        if name == "final_logits_bias":
            buffer.copy_(torch.randn(buffer.shape, generator=generator))
    return model


def random_inputs(family, seed):
    """Three texts of 8, 5 and 3 tokens; BERT's also have segments, and a decoder's last one is padded on the left."""
    rng = np.random.default_rng(seed)
    lengths = np.array([8, 5, 3])
    attention_mask = (np.arange(8) < lengths[:, None]).astype("int32")
    if family in DECODERS:
        attention_mask[2] = attention_mask[2, ::-1]
    inputs = {
        # Random ids in the padding too: whoever looks there gets other numbers.
        "input_ids": rng.integers(1, 60, (3, 8)).astype("int32"),
        "attention_mask": attention_mask,
    }
    segments = SETTINGS[family][1].get("type_vocab_size", 1)
    if segments > 1:
        inputs["token_type_ids"] = rng.integers(0, segments, (3, 8)).astype("int32")
    if family in FIRST:
        inputs["decoder_input_ids"] = rng.integers(1, 60, (3, 7)).astype("int32")
        inputs["decoder_input_ids"][:, 0] = FIRST[family]  # the padding token for T5 and Marian
    pad_id = SETTINGS[family][1].get("pad_token_id")
    if pad_id is not None:  # one padding token in the middle of a text, and others at the end
        inputs["input_ids"][:, 2] = np.where(np.arange(3) == 0, pad_id, inputs["input_ids"][:, 2])
        inputs["input_ids"][1, 6:] = pad_id
    return inputs


def answers(model, inputs):
    batch = {name: torch.tensor(array).long() for name, array in inputs.items()}
    if model.config.model_type in DECODERS:  # the positions that transformers' generate gives
        batch["position_ids"] = (batch["attention_mask"].cumsum(-1) - 1).clamp(min=0)
    with torch.no_grad():
        output = model(**batch, output_attentions=True, output_hidden_states=True)
    if "encoder_attentions" in output:
        maps = ("encoder_attentions", "decoder_attentions", "cross_attentions")
        found = {name: torch.stack(output[name]) for name in maps}
        found["last_hidden_state"] = output.decoder_hidden_states[-1]
        return {name: tensor.numpy() for name, tensor in (found | logits(output)).items()}
    found = {
        "last_hidden_state": output.hidden_states[-1],
        "attentions": torch.stack(output.attentions),  # (layers, B, H, L, L)
    }
    if "pooler_output" in output:
        found["pooler_output"] = output.pooler_output
    return {name: tensor.numpy() for name, tensor in (found | logits(output)).items()}


def logits(output):
    if "start_logits" in output:
        return {"logits": torch.stack([output.start_logits, output.end_logits], dim=-1)}
    return {"logits": output.logits} if "logits" in output else {}


def write_as_in_2018(source, target):
    """The first BERT files: LayerNorm.gamma and .beta, a stored buffer, and copies of tied tensors."""
    tensors = load_file(source / "model.safetensors")
    embeddings = tensors["bert.embeddings.word_embeddings.weight"]
    tensors["cls.predictions.decoder.weight"] = embeddings.clone()
    tensors["cls.predictions.decoder.bias"] = tensors["cls.predictions.bias"].clone()
    tensors["bert.embeddings.position_ids"] = torch.arange(24)[None]
    old_suffix = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    renamed = {}
    for name, tensor in tensors.items():
        for new, old in old_suffix.items():
            name = name.replace(new, old)
        renamed[name] = tensor
    target.mkdir(exist_ok=True)
    save_file(renamed, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((source / "config.json").read_text())
    (target / "config.json").write_text(json.dumps(config, indent=2) + "\n")


if __name__ == "__main__":
    main()
