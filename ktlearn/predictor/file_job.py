"""Answers for a whole file, some rows at a time: the memory stays flat, and a job that was stopped goes on.

What is done lies in ``TARGET.part``, and ``TARGET.progress.json`` says how many rows and bytes of it count. A kill may
leave more bytes than that: the next run cuts them off, and goes on behind the last row that counts. So no row is lost,
and none is written twice. The target itself appears at the end, whole.
"""

import itertools
import json
import os
import zlib
from pathlib import Path

import numpy as np

from ktlearn.backend import ops
from ktlearn.kinds import CLASSES, MULTILABEL
from ktlearn.predictor.rows import packed, read_rows, separator_of
from ktlearn.support.arguments import check_name, check_whole
from ktlearn.support.atomic import atomic_file
from ktlearn.support.distributed import process_count
from ktlearn.support.paths import resolved

PREDICTION, PROBABILITY = "prediction", "probability"


def predict_file(predictor, source, target, text_column, pair_column=None, rows=4096, verbose=1):
    """See :meth:`ktlearn.predictor.Predictor.predict_file`.

    Raises:
        ValueError: several processes call it together.
    """
    check_name("text_column", text_column, '"text"')
    check_whole("rows", rows)
    if process_count() > 1:
        raise ValueError(
            f"predict_file: one process writes a file; there are {process_count()}. Call it without jax.distributed; "
            "for a job of many machines see docs/scale, with Ray Data or Spark."
        )
    columns = [text_column] if pair_column is None else [text_column, pair_column]
    job = _Job(predictor, resolved(source, "file"), resolved(target, "file"), columns)
    for chunk in job.chunks(rows, verbose):
        job.write(chunk)
    return job.finish()


class _Job:
    """One source on its way to one target."""

    def __init__(self, predictor, source, target, columns):
        self.predictor, self.source, self.target, self.columns = predictor, source, target, columns
        separator_of(target, "target")
        if target.exists():
            raise FileExistsError(f"{target} is there already. Remove it, or give another name for the answers.")
        self._check_columns()
        self.part = target.with_name(f"{target.name}.part")
        self.journal = target.with_name(f"{target.name}.progress.json")
        size, changed = source.stat().st_size, source.stat().st_mtime_ns
        self.identity = {"source": [str(source), size, changed], "columns": columns, "model": _fingerprint(predictor)}
        self.rows, self.bytes = self._begun()
        self._note()

    def chunks(self, count, verbose):
        """The rows that are still to be answered, up to ``count`` at a time."""
        left = itertools.islice(read_rows(self.source, verbose), self.rows, None)
        while chunk := list(itertools.islice(left, count)):
            yield chunk

    def write(self, chunk):
        """Answer these rows and write them: first the bytes, then that they count."""
        answers = self._answers([self._texts(row, self.rows + i) for i, row in enumerate(chunk, 1)])
        new = packed([row | answer for row, answer in zip(chunk, answers, strict=True)], self.target, not self.rows)
        with open(self.part, "ab") as file:
            if file.tell() != self.bytes:
                raise RuntimeError(f"{self.part} has changed meanwhile: does another program write it, too?")
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        self.rows, self.bytes = self.rows + len(chunk), self.bytes + len(new)
        self._note()

    def finish(self):
        """Give the file its name: how many rows it has."""
        os.replace(self.part, self.target)
        self.journal.unlink()
        return self.rows

    def _check_columns(self):
        """Of the first row, before anything is answered."""
        first = next(read_rows(self.source), None)
        if first is None:
            raise ValueError(f"{self.source} has no rows.")
        for column in self.columns:
            if column not in first:
                raise ValueError(f"{self.source} has no column {column!r}; it has {list(first)}.")
        if taken := [name for name in self._answers([self._texts(first, 1)])[0] if name in first]:
            raise ValueError(f"{self.source} has columns {taken} already, which the answers need. Rename them.")

    def _texts(self, row, number):
        found = tuple(row.get(column) for column in self.columns)
        for column, text in zip(self.columns, found, strict=True):
            if not isinstance(text, str):
                raise ValueError(
                    f"{self.source}: row {number}, column {column!r}: accepted is a text; got {text!r:.40}."
                )
        return found if len(found) > 1 else found[0]

    def _answers(self, texts):
        """For each text the columns that are added to its row."""
        labels = self.predictor.preproc.labels
        scores = self.predictor.predict_proba(texts, verbose=0).astype(float)
        if labels.kind == MULTILABEL:
            return [dict(zip(map(str, labels.values), _rounded(row), strict=True)) for row in scores]
        if labels.kind == CLASSES:
            return [{PREDICTION: labels.values[row.argmax()], PROBABILITY: _rounded(row.max())} for row in scores]
        return [{PREDICTION: float(row[0])} for row in scores]

    def _begun(self):
        """How many rows and bytes count already."""
        if not self.journal.exists():
            self.part.unlink(missing_ok=True)
            return 0, 0
        begun = json.loads(self.journal.read_text(encoding="utf-8"))
        for name, value in self.identity.items():
            if begun[name] != value:
                raise ValueError(
                    f"{self.part} was begun with another {name}: {begun[name]}, now {value}. Remove it and "
                    f"{self.journal.name} to begin anew."
                )
        if begun["bytes"]:
            os.truncate(self.part, begun["bytes"])
        else:
            self.part.unlink(missing_ok=True)
        return begun["rows"], begun["bytes"]

    def _note(self):
        state = self.identity | {"rows": self.rows, "bytes": self.bytes}
        with atomic_file(self.journal) as draft:
            Path(draft).write_text(json.dumps(state), encoding="utf-8")


def _rounded(probability):
    return np.round(probability, 6).tolist()


def _fingerprint(predictor):
    """A number for the weights, the classes and the length of texts: two models that answer alike have the same."""
    labels, seen = predictor.preproc.labels, 0
    for variable in predictor.model.variables:
        seen = zlib.crc32(np.ascontiguousarray(ops.convert_to_numpy(variable)).tobytes(), seen)
    return zlib.crc32(repr((labels.kind, labels.values, predictor.preproc.maxlen)).encode(), seen)
