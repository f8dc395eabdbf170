"""Damaged folders of a predictor, as a table; and a program that loads each of them under a limit of time and memory.

A damage is ``(name, function of the folder)``. Those of :func:`any_damage` are done to a folder as it was saved, with
its checksums; those of :func:`damage_of_form` to one without, as an older ktlearn or another program wrote it, where
only a wrong form can be seen. Started as a program (``python -m tests.hostile.damages``), it prints one line of JSON
for each case.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

SECONDS, MEGABYTES = 10, 1500  # for one case
TEXTS = ["good film", "bad film", "good book that was seen again"]
FILES = (
    "config.json",
    "ktlearn.json",
    "model.safetensors",
    "tokenizer.json",
    "tokenizer_config.json",
    "ktlearn.sha256",
)
DEEP = {"deep lists": "[" * 100_000, "deep objects": '{"a":' * 100_000}
TEXT = DEEP | {"a web page": "<html>404 not found</html>", "nothing in JSON": "null", "a list": "[]", "a number": "5"}
VALUES = (-1, 0, None, "x", 10**9, 2**63, [], {}, True, 1.5, float("nan"))
SIZES = (
    *("vocab_size", "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size"),
    *("max_position_embeddings", "type_vocab_size"),
)
SETTINGS = (
    *("hidden_dropout_prob", "attention_probs_dropout_prob", "layer_norm_eps", "hidden_act", "model_type", "id2label"),
    *("num_labels", "label2id", "problem_type", "architectures", "classifier_dropout", "quantization_config"),
    *("to_dict", "is_decoder", "dtype", "initializer_range"),
)


def any_damage(other):
    """To a folder with checksums.

    Args:
        other: the folder of another save, of the same model with other weights and other class names.
    """
    rng = random.Random(0)
    for file in FILES:
        for cut in (0, 1, 8, 0.1, 0.5, -1):
            yield f"{file} cut to {cut}", lambda f, file=file, cut=cut: _cut(f / file, cut)
        for i in range(8):
            place = rng.random()
            yield f"{file} bit flipped {i}", lambda f, file=file, place=place: _flip(f / file, place)
        yield f"{file} longer", lambda f, file=file: (f / file).write_bytes((f / file).read_bytes() + b"\n\0")
        yield f"{file} of another save", lambda f, file=file: shutil.copy(other / file, f / file)
        for second in FILES:
            if second > file:
                yield f"{file} and {second} exchanged", lambda f, a=file, b=second: _exchange(f / a, f / b)
        yield from _no_file(file)
    for file in FILES:
        if file.endswith(".json"):
            yield from ((f"{file} is {name}", lambda f, p=file, t=t: (f / p).write_text(t)) for name, t in TEXT.items())
    harmless = {"layer_norm_eps": 1e-3, "hidden_act": "relu", "num_attention_heads": 1, "pad_token_id": 3}
    names = {"id2label": {"0": "positive", "1": "negative"}, "label2id": {"positive": 0, "negative": 1}}
    for name, value in (harmless | names).items():
        yield f"config.json {name}={value}", lambda f, n=name, v=value: _edit(f / "config.json", **{n: v})
    yield "config.json both names of labels", lambda f: _edit(f / "config.json", **names)
    for name, value in {"class_names": ["positive", "negative"], "maxlen": 5, "kind": "multilabel"}.items():
        yield f"ktlearn.json {name}={value}", lambda f, n=name, v=value: _edit(f / "ktlearn.json", **{n: v})
    yield "the weights negated", lambda f: _tensors(f, lambda t: {name: -array for name, array in t.items()})
    yield "the tokenizer's words exchanged", lambda f: _words(f, "good", "bad")
    for i in range(2, len(FILES)):
        for start in range(len(FILES) - i + 1):
            some = FILES[start : start + i]
            if len(some) < len(FILES):
                yield f"{len(some)} files of another save from {some[0]}", lambda f, s=some: _copy(other, f, s)


def damage_of_form():
    """To a folder without checksums."""
    for name in (*SIZES, *SETTINGS):
        for value in VALUES:
            yield f"config.json {name}={value!r}", lambda f, n=name, v=value: _edit(f / "config.json", **{n: v})
    for layers in (1, 3, 10**6, 10**400):
        yield (
            f"config.json of {layers:.0e} layers" if layers < 10**9 else "config.json of 10**400 layers",
            (lambda f, n=layers: _edit(f / "config.json", num_hidden_layers=n)),
        )
    huge = dict(hidden_size=2 * 10**8, intermediate_size=10**9, vocab_size=10**7)
    yield "config.json with all of it huge", lambda f: _edit(f / "config.json", **huge)
    for name in ("format", "kind", "class_names", "maxlen"):
        for value in VALUES:
            yield f"ktlearn.json {name}={value!r}", lambda f, n=name, v=value: _edit(f / "ktlearn.json", **{n: v})
    names = (["positive", "negative"], ["a", "b"], ["a", "b", "c"], ["a", "a"], ["a"], [None, "b"], [["a"], "b"], "ab")
    for value in names:
        yield f"ktlearn.json class_names={value}", lambda f, v=value: _edit(f / "ktlearn.json", class_names=v)
    for value in ({"0": "positive", "1": "negative"}, {"0": "a", "2": "b"}, {"a": "b"}, {"0": None, "1": "b"}):
        yield f"config.json id2label={value}", lambda f, v=value: _edit(f / "config.json", id2label=v, label2id=None)
    for file in FILES[:-1]:
        yield from _no_file(file)
        for cut in (0, 1, 8, 0.5):
            yield f"{file} cut to {cut}", lambda f, file=file, cut=cut: _cut(f / file, cut)
        yield f"{file} is noise", lambda f, file=file: (f / file).write_bytes(random.Random(1).randbytes(3000))
        if file.endswith(".json"):
            yield from ((f"{file} is {name}", lambda f, p=file, t=t: (f / p).write_text(t)) for name, t in TEXT.items())
        yield f"{file} of 3 GB", lambda f, file=file: os.truncate(f / file, 3_000_000_000)
    yield from _wrong_tensors()
    for length in (0, 2**62, 10**9, 5):
        yield (
            f"a header of {length} bytes",
            lambda f, n=length: _overwrite(f / "model.safetensors", n.to_bytes(8, "little")),
        )
    yield "the tokenizer knows more tokens", lambda f: _words(f, "good", "good", number=10**5)
    yield "the tokenizer has no padding", lambda f: _edit(f / "tokenizer_config.json", pad_token=None)


def _no_file(file):
    yield f"{file} missing", lambda f: (f / file).unlink()
    for kind, make in {
        "a folder": lambda path: path.mkdir(),
        "a pipe": lambda path: os.mkfifo(path),
        "a device": lambda path: path.symlink_to("/dev/zero"),
        "a link to nowhere": lambda path: path.symlink_to("/nowhere"),
        "a link to itself": lambda path: path.symlink_to(path),
        "a link to a terminal": lambda path: path.symlink_to("/dev/tty"),
    }.items():
        yield f"{file} is {kind}", lambda f, make=make: ((f / file).unlink(), make(f / file))


def _wrong_tensors():
    import numpy as np

    names = {
        "an embedding": "bert.embeddings.word_embeddings.weight",
        "a bias": "bert.encoder.layer.1.output.dense.bias",
        "the classifier": "classifier.weight",
        "the pooler": "bert.pooler.dense.weight",
    }
    changes = {dtype: lambda a, d=dtype: a.astype(d) for dtype in ("int8", "int32", "int64", "uint8", "uint16", "bool")}
    changes |= {str(value): lambda a, v=value: _with(a, v) for value in (np.nan, np.inf, -np.inf)}
    changes |= {
        "one row less": lambda a: a[:-1].copy(),
        "one axis more": lambda a: a[None].copy(),
        "no numbers": lambda a: a[:0].copy(),
        "one number": lambda a: a.flat[0],
        "float64 beyond float32": lambda a: np.full(a.shape, 1e300),
    }
    for what, name in names.items():
        for kind, change in changes.items():
            yield (
                f"{what}: {kind}",
                lambda f, n=name, c=change: _tensors(f, lambda t: t | {n: np.asarray(c(t[n]))}),
            )
        yield f"{what}: missing", lambda f, n=name: _tensors(f, lambda t: {k: a for k, a in t.items() if k != n})
        yield (
            f"{what}: of another name",
            lambda f, n=name: _tensors(f, lambda t: {k.replace(n, "x." + n): a for k, a in t.items()}),
        )
    more = "bert.encoder.layer.7.output.dense.bias"
    yield "one layer's tensor more", lambda f: _tensors(f, lambda t: t | {more: np.zeros(32, "float32")})
    yield (
        "a stranger's tensor more",
        lambda f: _tensors(f, lambda t: t | {"adapter.weight": np.zeros((9, 9), "float32")}),
    )


def _with(array, value):
    array = array.copy()
    array.flat[array.size // 2] = value
    return array


def _cut(path, length):
    content = path.read_bytes()
    path.write_bytes(content[: int(length * len(content)) if isinstance(length, float) else length])


def _flip(path, place):
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 1 << int(place * 7919) % 8
    path.write_bytes(content)


def _overwrite(path, start):
    content = path.read_bytes()
    path.write_bytes(start + content[len(start) :])


def _exchange(a, b):
    one, two = a.read_bytes(), b.read_bytes()
    a.write_bytes(two)
    b.write_bytes(one)


def _copy(source, folder, names):
    for name in names:
        shutil.copy(source / name, folder / name)


def _edit(path, **values):
    sys.set_int_max_str_digits(10_000)
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def _tensors(folder, change):
    from safetensors.numpy import load_file, save_file

    path = folder / "model.safetensors"
    save_file(change(load_file(path)), path, {"format": "pt"})


def _words(folder, one, two, number=None):
    path = folder / "tokenizer.json"
    content = json.loads(path.read_text())
    words = content["model"]["vocab"]
    words[one], words[two] = words[two], words[one]
    if number is not None:
        words[one] = number
    path.write_text(json.dumps(content))


# --- the program --------------------------------------------------------------------------------


def main(base, other, work, step, part, parts):
    """Load each damaged folder, and print what came of it.

    Args:
        base, other: folders of two saved predictors.
        work: a folder to work in.
        step: take each so many-th case.
        part, parts: of the cases, this process takes each parts-th from this one on.
    """
    import ktlearn
    from ktlearn import models

    sound = ktlearn.load_predictor(base)
    right = sound.predict_proba(TEXTS, verbose=0)
    built, build = [], models.from_config
    models.from_config = lambda *args, **kwargs: built.append(1) or build(*args, **kwargs)
    _limit_memory()
    signal.signal(signal.SIGALRM, _stop)
    cases = [(f"{name} (with checksums)", damage, True) for name, damage in any_damage(other)]
    cases += [(f"{name} (without)", damage, False) for name, damage in damage_of_form()]
    for name, damage, has_sums in cases[::step][part::parts]:
        folder = Path(shutil.copytree(base, work / "folder"))
        if not has_sums:
            (folder / "ktlearn.sha256").unlink()
        damage(folder)
        built.clear()
        start = time.perf_counter()
        signal.alarm(SECONDS)
        try:
            predictor = ktlearn.load_predictor(folder)
            answers = predictor.predict_proba(TEXTS, verbose=0)
            is_same = predictor.get_classes() == sound.get_classes() and (answers == right).all()
            outcome, said = "harmless" if is_same else "OTHER ANSWERS", ""
        except TimeoutError:
            outcome, said = "HANG", ""
        except (ValueError, FileNotFoundError, PermissionError) as error:
            said = f"{type(error).__name__}: {error}"
            is_clear = str(folder) in said and type(error).__module__ == "builtins"
            outcome = ("clear" if not built else "AFTER WORK") if is_clear else "UNCLEAR"
        except BaseException as error:
            outcome, said = "UNCLEAR", f"{type(error).__name__}: {error}"
        finally:
            signal.alarm(0)
        print(json.dumps([name, outcome, round(time.perf_counter() - start, 2), said[:500]]), flush=True)
        shutil.rmtree(folder)


def _stop(*_):
    raise TimeoutError


def _limit_memory():
    """So much more than now; what is beyond that is an error in this process, not trouble for the machine."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:]))
