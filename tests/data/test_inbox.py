"""The practice file has the flaws that its docstring says, and the reviews themselves have none of them."""

import pandas as pd
import pytest

from ktlearn.data import write_inbox
from ktlearn.data.inbox import BLANKS, COPIES, MISSPELT, ROWS
from ktlearn.data.reviews import SUBJECTS
from ktlearn.project import earlier_copies


@pytest.fixture(scope="module")
def inbox(tmp_path_factory):
    path = tmp_path_factory.mktemp("inbox") / "inbox.csv"
    assert write_inbox(path) == ROWS + COPIES + BLANKS
    return pd.read_csv(path, keep_default_na=False)


def test_the_flaws_are_there(inbox):
    assert (inbox["text"] == "").sum() == BLANKS
    assert inbox["text"].str.startswith("Fwd: ").sum() == COPIES
    assert (~inbox["desk"].isin(SUBJECTS)).sum() == MISSPELT
    assert sorted(inbox["desk"].str.strip().str.lower().unique()) == sorted(SUBJECTS)


def test_the_only_copies_are_the_planted_ones(inbox):
    texts = inbox["text"][inbox["text"] != ""]
    places = {frozenset((pair.place, pair.other)) for pair in earlier_copies(texts)}
    forwarded = texts.str.startswith("Fwd: ").to_numpy()
    assert COPIES - 3 <= len(places) <= COPIES
    assert all(sum(forwarded[list(pair)]) == 1 for pair in places)


def test_the_same_seed_gives_the_same_file(inbox, tmp_path):
    write_inbox(tmp_path / "same.csv")
    write_inbox(tmp_path / "other.csv", seed=1)
    same, other = (pd.read_csv(tmp_path / f"{name}.csv", keep_default_na=False) for name in ("same", "other"))
    assert same.equals(inbox)
    assert not other.equals(inbox)


def test_a_seed_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match="seed"):
        write_inbox(tmp_path / "inbox.csv", seed=-1)
