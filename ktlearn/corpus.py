"""The text that ``mini-bert-en`` was pretrained on: read, cleaned, and turned into token ids.

Only training texts are read; every test and development set stays unseen.
"""

import csv
import gzip
import html
import json
import random
import re
from pathlib import Path

import numpy as np

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def read(folder):
    """Texts of one paragraph or review each, as ``(source, text)``, in a fixed random order.

    Args:
        folder: holds ``imdb_train.csv.gz``, ``sst2_train.tsv.gz``, ``tatoeba_en_zh.tsv.gz``,
            ``wikitext2_sample.txt.gz`` and ``squad_article.json.gz``; those that are missing are left out.

    Raises:
        FileNotFoundError: none of them is there.
    """
    folder = Path(folder)
    texts = []
    for name, reader in READERS.items():
        if (folder / name).exists():
            with gzip.open(folder / name, "rt", encoding="utf-8", newline="") as file:
                texts.extend((name, text) for text in reader(file))
    if not texts:
        raise FileNotFoundError(f"{folder} holds none of {', '.join(READERS)}.")
    random.Random(0).shuffle(texts)
    return texts


def _imdb(file):
    for row in csv.DictReader(file):
        yield re.sub(r"\s+", " ", html.unescape(re.sub(r"<br\s*/?>", " ", row["text"])))


def _sst2(file):
    for line in file:
        # "wo n't", "film 's": join what the treebank's tokenizer has cut
        yield re.sub(r" (n't|'\w+)", r"\1", line.split("\t")[0])


def _tatoeba(file):
    sentences = list(dict.fromkeys(line.split("\t")[0] for line in file))
    random.Random(0).shuffle(sentences)
    for start in range(0, len(sentences), 8):  # very short ones: eight make a paragraph
        yield " ".join(sentences[start : start + 8])


def _wikitext(file):
    for line in file:
        line = line.strip()
        if len(line) > 80 and not line.startswith("="):
            line = line.replace("<unk>", "[UNK]").replace(" @-@ ", "-").replace(" @,@ ", ",").replace(" @.@ ", ".")
            yield re.sub(r" ([,.;:!?)%]|n't|'\w+)", r"\1", line).replace("( ", "(")


def _squad(file):
    for article in json.load(file)["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"]


READERS = {
    "imdb_train.csv.gz": _imdb,
    "sst2_train.tsv.gz": _sst2,
    "tatoeba_en_zh.tsv.gz": _tatoeba,
    "wikitext2_sample.txt.gz": _wikitext,
    "squad_article.json.gz": _squad,
}


def train_tokenizer(texts, vocab_size):
    """A lower-casing WordPiece tokenizer of ``vocab_size`` pieces, as BERT's."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertTokenizerFast

    core = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=True)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(
        vocab_size=vocab_size, special_tokens=SPECIAL, limit_alphabet=120, show_progress=False
    )
    core.train_from_iterator(texts, trainer)
    core.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return BertTokenizerFast(tokenizer_object=core, do_lower_case=True, model_max_length=256)


def encode(tokenizer, texts):
    """The token ids of each text, a [SEP] at its end: a list of int32 arrays."""
    rows = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    return [np.append(row, SPECIAL.index("[SEP]")).astype("int32") for row in rows]


def pieces(sources, texts):
    """Pieces of opinion for the teacher: the film reviews, cut into runs of about 40 words, some of 160.

    Returns:
        A list of strings.
    """
    found = []
    for number, (source, text) in enumerate(zip(sources, texts, strict=True)):
        if source.startswith(("imdb", "sst2")):
            row = text.split()
            count = max(1, round(len(row) / (160 if number % 3 == 0 else 40)))
            found.extend(" ".join(part) for part in np.array_split(row, count))
    return found
