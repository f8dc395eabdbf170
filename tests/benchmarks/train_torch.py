"""The training job in PyTorch transformers, in its own environment. Called by run.py.

As its own Trainer does it: random batches, each padded to its longest text, the fused AdamW without decay of
biases and normalisations, gradients clipped at 1. The learning rate and the momentum follow the same one-cycle policy
as in ktlearn and ktrain. With ``group_by_length`` in the job, batches are of similar length, by the Trainer's sampler.
"""

import sys

import torch
import transformers
from clock import Clock, read_job, report
from torch.utils.data import DataLoader
from transformers import AutoModelForSequenceClassification, AutoTokenizer, DataCollatorWithPadding
from transformers.trainer_pt_utils import LengthGroupedSampler


def examples(tokenizer, texts, labels, maxlen):
    ids = tokenizer(texts, truncation=True, max_length=maxlen)
    return [{name: ids[name][i] for name in ids} | {"labels": label} for i, label in enumerate(labels)]


def optimizer_for(model, decay=0.01):
    kept = {True: [], False: []}
    for name, weight in model.named_parameters():
        kept[name.endswith("bias") or "LayerNorm" in name].append(weight)
    groups = [{"params": kept[False], "weight_decay": decay}, {"params": kept[True], "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=1e-3, fused=True)  # the schedule sets the rate


def one_cycle(optimizer, rate, steps):
    return torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=rate,
        total_steps=steps,
        pct_start=0.5,
        anneal_strategy="linear",
        base_momentum=0.85,
        max_momentum=0.95,
        div_factor=10,
        final_div_factor=100,
    )


def order(train, job):
    """How the loader mixes the texts: at random, or so that neighbours have similar lengths."""
    if not job.get("group_by_length"):
        return {"shuffle": True}
    return {"sampler": LengthGroupedSampler(job["batch_size"], lengths=[len(each["input_ids"]) for each in train])}


def accuracy(model, loader):
    right = total = 0
    model.eval()
    with torch.inference_mode():
        for batch in loader:
            right += int((model(**batch).logits.argmax(1) == batch["labels"]).sum())
            total += len(batch["labels"])
    return right / total


def main():
    job, clock = read_job(), Clock()
    transformers.utils.logging.set_verbosity_error()
    torch.manual_seed(job["seed"])
    tokenizer = AutoTokenizer.from_pretrained(job["model"])
    model = AutoModelForSequenceClassification.from_pretrained(
        job["model"], num_labels=len(job["classes"]), dtype=torch.float32
    )
    train = examples(tokenizer, job["texts"], job["labels"], job["maxlen"])
    held_out = examples(tokenizer, job["held_out_texts"], job["held_out_labels"], job["maxlen"])
    pad = DataCollatorWithPadding(tokenizer)
    loader = DataLoader(train, batch_size=job["batch_size"], collate_fn=pad, **order(train, job))
    losses, tokens, computed_tokens = 0.0, 0, 0

    model.train()
    clock.start()
    optimizer = optimizer_for(model)
    schedule = one_cycle(optimizer, job["learning_rate"], job["epochs"] * len(loader))
    for _ in range(job["epochs"]):
        for batch in loader:
            loss = model(**batch).loss
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses += loss.item() * len(batch["labels"])
            tokens += int(batch["attention_mask"].sum())
            computed_tokens += batch["input_ids"].numel()
            clock.step()
    clock.stop()

    report(
        clock.figures(len(train) * job["epochs"], job["batch_size"])
        | {
            "program": f"PyTorch {torch.__version__} (transformers {transformers.__version__})",
            "loss": losses / len(train) / job["epochs"],
            "accuracy": accuracy(model, DataLoader(held_out, batch_size=32, collate_fn=pad)),
            "tokens": tokens,
            "computed_tokens": computed_tokens,
        }
    )


if __name__ == "__main__":
    sys.exit(main())
