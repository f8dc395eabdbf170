"""How long texts are, in tokens: the figures behind the choice of ``maxlen``."""

import numpy as np

UNKNOWN = 0.1  # the share of unknown tokens from which on it is said


def length_stats(lengths, maxlen):
    """``{"mean", "95percentile", "99percentile", "longest", "covered"}`` of some lengths in tokens.

    >>> length_stats([10, 20, 30], maxlen=20)["covered"]
    0.6666666666666666
    """
    lengths = np.asarray(lengths)
    return {
        "mean": float(lengths.mean()),
        "95percentile": int(np.ceil(np.percentile(lengths, 95))),
        "99percentile": int(np.ceil(np.percentile(lengths, 99))),
        "longest": int(lengths.max()),
        "covered": float((lengths <= maxlen).mean()),
    }


def length_sentence(mode, count, stats, maxlen):
    """The figures as one line for the reader."""
    return (
        f"{mode}: {count:,} texts, {stats['mean']:.0f} tokens on average, 95 % have at most "
        f"{stats['95percentile']}, the longest {stats['longest']}; maxlen {maxlen} covers "
        f"{_percent(stats['covered'])} of them whole"
    )


def unknown_sentence(ids, unknown_id):
    """A warning when many tokens are in no vocabulary, else None: the checkpoint is of another language or script.

    Args:
        ids: one array of token ids for each text.
        unknown_id: the id that stands for all of them; None when the tokenizer has none.
    """
    if unknown_id is None:
        return None
    share = float(np.mean(np.concatenate(ids) == unknown_id))
    if share < UNKNOWN:
        return None
    return (
        f"  {share:.0%} of the tokens are unknown to this checkpoint: the model cannot read them. "
        "Is it made for the language of these texts?"
    )


def _percent(share):
    # 99.96 % must not be printed as 100 %: some text is cut.
    return "100 %" if share == 1 else f"{min(100 * share, 99.9):.1f} %"
