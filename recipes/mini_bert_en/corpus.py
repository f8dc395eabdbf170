"""The text that ``mini-bert-en`` was pretrained on: read, cleaned, turned into token ids and cut into pieces.

Only training texts are read; every test and development set stays unseen. A label is used
only once: the course's reviews of three stars are left out.
"""

import csv
import gzip
import html
import json
import random
import re
from pathlib import Path

import numpy as np

from ktlearn.data import load_review_lists

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]  # their ids are 0 to 4:
PAD, UNK, CLS, SEP, MASK = range(5)
# Of the pieces, with [CLS] and [SEP]; the share of texts that are cut so. 0: only for what is short anyway.
LENGTHS = {24: 0, 32: 0.3, 64: 0.3, 128: 0.2, 256: 0, 512: 0.2}


def read(folder):
    """Texts of one paragraph, review or dictionary entry each, in a fixed random order.

    The training reviews of the course are among them.

    Args:
        folder: holds ``imdb_train.csv.gz``, ``sst2_train.tsv.gz``, ``tatoeba_en_zh.tsv.gz``,
            ``wikitext2_sample.txt.gz`` and ``squad_article.json.gz``, and of WordNet 3 the files ``data.adj``,
            ``data.adv``, ``data.verb`` and ``data.noun``; those that are missing are left out.

    Raises:
        FileNotFoundError: none of them is there.
    """
    folder = Path(folder)
    texts = []
    for name, reader in READERS.items():
        if (folder / name).exists():
            opened = gzip.open if name.endswith(".gz") else open
            with opened(folder / name, "rt", encoding="utf-8", newline="") as file:
                texts.extend(reader(file))
    if not texts:
        raise FileNotFoundError(f"{folder} holds none of {', '.join(READERS)}.")
    texts.extend(load_review_lists()[0][0])
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


def _wordnet(file):
    for line in file:
        if line[0] != " " and " | " in line:  # the licence at the top is indented
            fields, gloss = line.split(" | ", 1)
            fields = fields.split()
            words = fields[4 : 4 + 2 * int(fields[3], 16) : 2]
            if fields[2] != "n" or '"' in gloss:  # of the many nouns, those that are shown in use
                names = ", ".join(re.sub(r"\(\w+\)$", "", word).replace("_", " ") for word in words)
                yield f"{names}: {gloss.strip()}"


READERS = {
    "imdb_train.csv.gz": _imdb,
    "sst2_train.tsv.gz": _sst2,
    "tatoeba_en_zh.tsv.gz": _tatoeba,
    "wikitext2_sample.txt.gz": _wikitext,
    "squad_article.json.gz": _squad,
    **{f"data.{part}": _wordnet for part in ("adj", "adv", "verb", "noun")},
}


def shorter_tokenizer(teacher, texts, vocab_size):
    """The teacher's WordPiece tokenizer with fewer pieces: those that these texts need most often.

    A word whose piece is gone is cut into smaller ones, as any rare word is.

    Args:
        teacher: BERT's tokenizer (lower case).

    Returns:
        The tokenizer, and the teacher's ids of its pieces ``(V,)``.
    """
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
    from transformers import BertTokenizerFast

    words = teacher.get_vocab()
    counts = np.zeros(len(words))
    for row in teacher(texts, add_special_tokens=False, verbose=False)["input_ids"]:
        np.add.at(counts, row, 1)
    single = [id for word, id in words.items() if len(word.removeprefix("##")) == 1 and word.isascii()]
    special = teacher.convert_tokens_to_ids(SPECIAL)
    often = np.argsort(-counts, kind="stable")
    chosen = list(dict.fromkeys([*special, *single, *often.tolist()]))[:vocab_size]

    vocabulary = {word: number for number, word in enumerate(teacher.convert_ids_to_tokens(chosen))}
    core = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer(lowercase=True)
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    core.decoder = decoders.WordPiece()
    core.post_processor = processors.BertProcessing(("[SEP]", SEP), ("[CLS]", CLS))
    longest = max(LENGTHS)
    return BertTokenizerFast(tokenizer_object=core, do_lower_case=True, model_max_length=longest), np.array(chosen)


def pieces(tokenizer, texts, rng):
    """Cut the texts into pieces of one of the :data:`LENGTHS`, padded: ``{L: ids (N, L)}`` for those that occur.

    All the pieces of one text are nearly equally long.
    """
    found = {length: [] for length in LENGTHS}
    for ids in tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]:
        longest = rng.choice(list(LENGTHS), p=list(LENGTHS.values())) - 2
        for part in np.array_split(ids, -(-len(ids) // longest)):
            length = next(length for length in LENGTHS if len(part) + 2 <= length)
            found[length].append([CLS, *part, SEP, *[PAD] * (length - 2 - len(part))])
    return {length: np.array(rows, "int32") for length, rows in found.items() if rows}
