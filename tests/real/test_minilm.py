"""A real published checkpoint in ktlearn's layers: the same numbers as PyTorch, and a fine-tuning on SST-2."""

from pathlib import Path

import numpy as np
import pytest

import ktlearn as ktrain
from ktlearn import models, text
from ktlearn.backend import keras
from tests.real.data import minilm, needs_data, needs_minilm, sst2

GOLDEN = Path(__file__).parent.parent / "golden" / "minilm.npz"
pytestmark = needs_minilm


def test_minilm_computes_what_pytorch_computes():
    golden = np.load(GOLDEN)
    model = models.from_pretrained(minilm())

    output = model(
        {name: golden[name] for name in ("input_ids", "attention_mask", "token_type_ids")}, return_attention=True
    )

    real = golden["attention_mask"].astype(bool)
    maps = np.stack([np.array(maps).mean(1) for maps in output.attentions])
    assert np.abs(np.array(output.last_hidden_state) - golden["last_hidden_state"])[real].max() < 1e-4
    assert np.abs(maps - golden["attentions"]).max() < 1e-4


@pytest.mark.slow
@pytest.mark.long
@needs_data
def test_minilm_reaches_87_percent_on_sst2_after_three_epochs():
    keras.utils.set_random_seed(0)
    t = text.Transformer(minilm(), maxlen=64, class_names=["negative", "positive"])
    trn, val = t.preprocess_train(*sst2("train")), t.preprocess_test(*sst2("dev"))
    learner = ktrain.get_learner(t.get_classifier(), train_data=trn, val_data=val, batch_size=32)

    learner.fit_onecycle(1e-4, 3)

    accuracy = learner.validate().figures["accuracy"]
    print(f"MiniLM on SST-2 dev after three epochs: {accuracy:.4f}")
    assert accuracy >= 0.87
