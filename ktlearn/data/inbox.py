"""INBOX: the bundled reviews as a shop's mailbox, in a CSV file with the flaws that such files have."""

from ktlearn.data.reviews import SUBJECTS, load_reviews
from ktlearn.support.arguments import check_path, check_whole

ROWS, COPIES, BLANKS, MISSPELT, SENDERS = 1000, 90, 8, 40, 420


def write_inbox(path, seed=0):
    """Write a CSV file of messages, to practise on what a reader's own file will be like.

    The texts are those of :func:`load_reviews`, 200 for each of five desks; the label is the desk that should answer.
    The flaws are planted, by chance: 90 messages are forwarded, so they stand there twice with a word or two around
    them; 8 rows have no text; 40 desks are written with a capital or a space. The senders are made up.

    Args:
        path: the file to write; one that is there is replaced.
        seed: of the choice.

    Returns:
        The number of rows.

    Raises:
        ValueError, TypeError: the path is none, or the seed is no whole number from 0 on.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_inbox(f"{folder}/inbox.csv")
        1098
    """
    import numpy as np
    import pandas as pd

    path = check_path("path", path, "file")
    check_whole("seed", seed, least=0)
    rng = np.random.default_rng(seed)
    reviews = load_reviews(neutral=True)
    rows = pd.concat([reviews[reviews["subject"] == subject].head(ROWS // len(SUBJECTS)) for subject in SUBJECTS])
    inbox = pd.DataFrame({"text": rows["text"].to_numpy(), "desk": rows["subject"].to_numpy()})
    copies = inbox.iloc[rng.choice(len(inbox), COPIES, replace=False)].copy()
    copies["text"] = "Fwd: " + copies["text"] + " (see below)"
    blanks = pd.DataFrame({"text": [""] * BLANKS, "desk": rng.choice(SUBJECTS, BLANKS)})
    inbox = pd.concat([inbox, copies, blanks], ignore_index=True)
    for place in rng.choice(len(inbox), MISSPELT, replace=False):
        desk = inbox.loc[place, "desk"]
        inbox.loc[place, "desk"] = desk.title() if rng.random() < 0.5 else f"{desk} "
    inbox.insert(0, "sender", [f"customer-{number:03}" for number in rng.integers(0, SENDERS, len(inbox))])
    inbox.iloc[rng.permutation(len(inbox))].to_csv(path, index=False)
    return len(inbox)
