"""The data that the lessons use: bundled sets and loaders."""

from ktlearn.data.dates import date_pairs, number_pairs, split_of, take
from ktlearn.data.inbox import write_inbox
from ktlearn.data.passages import load_passages
from ktlearn.data.reports import load_reports
from ktlearn.data.reviews import load_review_lists, load_reviews
from ktlearn.data.sentences import load_sentences
from ktlearn.data.vocabulary import Vocabulary

__all__ = [
    "Vocabulary",
    "date_pairs",
    "load_passages",
    "load_reports",
    "load_review_lists",
    "load_reviews",
    "load_sentences",
    "number_pairs",
    "split_of",
    "take",
    "write_inbox",
]
