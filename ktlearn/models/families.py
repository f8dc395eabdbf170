"""The families of checkpoints that ktlearn reads. A new one is a file beside this and a line here."""

from ktlearn.models import bert, distilbert

FAMILIES = {"bert": bert, "distilbert": distilbert}
TASKS = (None, "classification", "masked-lm", "question-answering")


def of(model_or_config):
    """The family's module for a model or for a config.

    Raises:
        ValueError: the family is not supported; the message lists those that are.
    """
    config = getattr(model_or_config, "config", model_or_config)
    kind = getattr(config, "model_type", None)
    if kind not in FAMILIES:
        raise ValueError(f"The model family {kind!r} is not supported. Supported: {', '.join(sorted(FAMILIES))}.")
    return FAMILIES[kind]
