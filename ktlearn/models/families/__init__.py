"""The families of checkpoints that ktlearn reads. A new one is a file beside this and a name in the list below.

>>> sorted(FAMILIES)[:3]
['bart', 'bert', 'distilbert']
"""

from ktlearn.models.families import bart, bert, distilbert, gpt2, llama, marian, roberta, t5

MODULES = (bert, distilbert, roberta, gpt2, llama, t5, marian, bart)
FAMILIES = {family.name: family for module in MODULES for family in module.FAMILIES}


def of(config):
    """The :class:`~ktlearn.models.family.Family` of a config.

    Raises:
        ValueError: the family is not supported; the message lists those that are.
    """
    return named(getattr(config, "model_type", None))


def named(kind, source="The checkpoint"):
    """The family of this name.

    Args:
        kind: the ``model_type`` of a config.
        source: how errors call the checkpoint.

    Raises:
        ValueError: as :func:`of`.
    """
    if not isinstance(kind, str) or kind not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise ValueError(f"{source}: the model family {kind!r} is not supported. Supported: {known}.")
    return FAMILIES[kind]
