"""Which checkpoint does what, and what is said to one that does something else."""

import shutil
from pathlib import Path

import pytest

from ktlearn import models, tasks

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.mark.parametrize(
    ("folder", "task", "said"),
    [
        (
            "bert-masked-lm",
            "sentiment",
            "is a BERT with a masked-lm head, made for fill_mask, similar. sentiment needs",
        ),
        ("bert-classification", "fill_mask", "a classification head, made for sentiment, similar. fill_mask needs"),
        ("bert-masked-lm", "translate", "translate needs a checkpoint for seq2seq, of one of .*: T5, Marian, BART."),
        ("gpt2-causal-lm", "similar", "is a GPT-2 with a causal-lm head, made for write. similar needs .* encoder"),
        ("gpt2", "write", "is a GPT-2 with no head, made for none of the tasks here"),
        ("marian-seq2seq", "summarise", "is a Marian with a seq2seq head, made for translate, write"),
        ("bert", "answer", "made for similar. answer needs a checkpoint for question-answering"),
    ],
)
def test_a_checkpoint_for_other_tasks_is_refused_and_its_own_are_named(folder, task, said, no_work):
    with pytest.raises(ValueError, match=said):  # no_work: before its weights are read
        tasks.open_model(GOLDEN / folder, task)


def test_an_opened_model_is_for_its_task_alone(checkpoint):
    model = models.from_config(models.from_pretrained(checkpoint, verbose=0).config, task="masked-lm")
    mine = tasks.Opened(model, tasks.open_model(checkpoint, "similar").preproc.tokenizer)
    assert tasks.fill_mask(mine, "good [MASK]").word
    with pytest.raises(
        TypeError, match="answers \\(of the kind Predictor\\); got <Opened the model: BERT for masked-lm>"
    ):
        tasks.sentiment(mine, "good film")
    with pytest.raises(TypeError, match="of the kind Opened\\); got <"):
        tasks.fill_mask(model, "good [MASK]")


def test_an_unknown_task_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="task must be one of 'answer', 'fill_mask', .*; got 'sing'"):
        tasks.open_model("ktlearn/mini-bert-en", "sing")


def test_a_config_that_names_no_head_is_believed_when_its_weights_have_it(checkpoint, tmp_path):
    shutil.copytree(checkpoint, tmp_path / "bare", ignore=shutil.ignore_patterns("ktlearn.sha256"))
    config = (tmp_path / "bare" / "config.json").read_text().replace('"BertModel"', '"SomethingOlder"')
    (tmp_path / "bare" / "config.json").write_text(config)
    with pytest.raises(ValueError, match="cls.predictions"):
        tasks.open_model(tmp_path / "bare", "fill_mask")
