"""The way from the hub to a folder on this machine, walked for real, with a small hub on 127.0.0.1.

The tests look at what a reader gets (``hub_reader.py``: ktlearn in a Python process of its own) and at what
the hub was asked (``hub_server.py``). Nothing here leaves this machine.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from ktlearn import models
from tests.models.hub_reader import Reader, Refused
from tests.models.hub_server import Hub

pytestmark = pytest.mark.slow
GOLDEN = Path(__file__).parents[1] / "golden"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "very", "good", "book", "##s"]


@pytest.fixture(scope="module")
def the_hub():
    hub = Hub()
    yield hub
    hub.stop()


@pytest.fixture
def hub(the_hub):
    """The hub, open, in good order and with an empty log."""
    the_hub.log.clear()
    yield the_hub
    the_hub.trouble = the_hub.store_trouble = the_hub.drips = None
    the_hub.cuts.clear()
    the_hub.start_again()


@pytest.fixture(scope="module")
def home():
    """Where another user may look too, which is not so in pytest's own folders."""
    home = Path(tempfile.mkdtemp())
    home.chmod(0o755)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def readers(the_hub, home):
    """Two processes with the same cache, started side by side."""
    readers = Reader(the_hub, home), Reader(the_hub, home, HF_HUB_OFFLINE="1")
    yield readers
    for reader in readers:
        reader.close()


@pytest.fixture
def reader(readers):
    return readers[0]


@pytest.fixture
def offline_reader(readers):
    """The one that is told not to use the network."""
    return readers[1]


def golden(name, shift=0.0):
    """The files of a golden checkpoint; with a shift, every weight is larger by so much."""
    files = {path.name: path.read_bytes() for path in (GOLDEN / name).iterdir() if path.suffix != ".npz"}
    for file in files:
        if shift and file.endswith(".safetensors"):
            files[file] = save({key: value + np.float32(shift) for key, value in load(files[file]).items()})
    return files


def tokenizer_files(folder):
    from transformers import BertTokenizerFast

    BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)}).save_pretrained(folder)
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def in_cache(home, name):
    """The files of a model that a program would find in the cache: those with a name in a snapshot."""
    folder = home / "hub" / f"models--{name.replace('/', '--')}" / "snapshots"
    return sorted(path.name for path in folder.glob("*/*") if path.exists())


@pytest.mark.parametrize("checkpoint", ["bert", "distilbert-masked-lm-sharded", "roberta"])
def test_a_model_from_the_hub_computes_what_its_folder_computes(hub, reader, checkpoint):
    hub.publish(f"house/{checkpoint}", golden(checkpoint))
    np.testing.assert_array_equal(reader.hidden(f"house/{checkpoint}"), reader.hidden(str(GOLDEN / checkpoint)))


ONE_OF_EACH = {
    **{"bert-masked-lm": "masked-lm", "distilbert-classification": "classification", "roberta-masked-lm": "masked-lm"},
    **{"xlm-roberta-question-answering": "question-answering", "gpt2-causal-lm": "causal-lm"},
    **{f"{name}-causal-lm": "causal-lm" for name in ("llama", "mistral", "qwen2")},
    **{f"{name}-seq2seq": "seq2seq" for name in ("t5", "marian", "bart")},
}


# What is fetched of each family's own files, the tests below ask too; here one of each kind, and all every week.
KINDS = ("bert-masked-lm", "gpt2-causal-lm", "marian-seq2seq")


@pytest.mark.parametrize(
    "checkpoint",
    [pytest.param(each, marks=[] if each in KINDS else [pytest.mark.weekly]) for each in ONE_OF_EACH],
)
def test_every_family_goes_from_a_name_and_a_text_to_an_answer(hub, reader, tmp_path, checkpoint):
    files, task, text = golden(checkpoint) | tokenizer_files(tmp_path), ONE_OF_EACH[checkpoint], "A very good books"
    hub.publish(f"house/{checkpoint}-and-words", files)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    answer = reader.ask("logits", f"house/{checkpoint}-and-words", task, text)
    np.testing.assert_array_equal(answer, reader.ask("logits", str(tmp_path), task, text))
    assert np.isfinite(answer).all()


def test_every_family_has_its_place_in_that_test():
    assert {models.checkpoint.read_config(GOLDEN / name).model_type for name in ONE_OF_EACH} == set(models.FAMILIES)


@pytest.mark.parametrize(
    ("checkpoint", "own"),
    [("llama", {"tokenizer.model"}), ("marian", {"source.spm", "target.spm", "vocab.json"}), ("t5", {"spiece.model"})],
)
def test_a_family_s_sentencepiece_files_are_fetched(hub, reader, checkpoint, own):
    pieces = {path.name: path.read_bytes() for path in (GOLDEN / "tokenizers" / checkpoint).iterdir()}
    pieces.pop("expected.json")
    assert set(pieces) == own
    hub.publish(f"house/{checkpoint}-pieces", golden(checkpoint) | pieces)
    assert own <= {path.name for path in reader.find(f"house/{checkpoint}-pieces").iterdir()}


def test_only_what_ktlearn_reads_and_what_exists_is_fetched(hub, reader, tmp_path):
    files = golden("bert") | tokenizer_files(tmp_path) | {"vocab.txt": b"[PAD]\n"}
    hub.publish("house/full", files | {"README.md": b"#", "pytorch_model.bin": b"pickle", "onnx/model.onnx": b"?"})
    folder = reader.find("house/full")
    assert sorted(path.name for path in folder.iterdir()) == sorted(files)
    assert sorted(hub.asked("GET")) == sorted(files)
    assert "README.md" not in hub.asked("HEAD") and "pytorch_model.bin" not in hub.asked("HEAD")


def test_a_family_s_own_tokenizer_files_are_fetched(hub, reader):
    files = golden("roberta") | {"vocab.json": b"{}", "merges.txt": b"", "vocab.txt": b"of another family"}
    hub.publish("house/roberta-files", files)
    folder = reader.find("house/roberta-files")
    assert sorted(path.name for path in folder.iterdir()) == sorted(files.keys() - {"vocab.txt"})


def test_the_second_time_the_hub_is_asked_one_small_question(hub, reader):
    hub.publish("house/twice", golden("distilbert-masked-lm-sharded"))
    first = reader.find("house/twice")
    hub.log.clear()
    assert reader.find("house/twice") == first
    assert [(request.method, request.file) for request in hub.log] == [("HEAD", "config.json")]


def test_an_old_name_of_one_word_leads_to_the_renamed_model(hub, reader):
    hub.publish("google-bert/bert-base-uncased", golden("bert"))
    hub.renamed["bert-base-uncased"] = "google-bert/bert-base-uncased"
    np.testing.assert_array_equal(reader.hidden("bert-base-uncased"), reader.hidden(str(GOLDEN / "bert")))


def test_the_tokenizer_loads_from_the_found_folder_and_asks_nobody(hub, reader, tmp_path):
    hub.publish("house/words", golden("bert") | tokenizer_files(tmp_path))
    hub.publish("house/vocab-only", golden("bert") | {"vocab.txt": "\n".join(WORDS).encode()})
    folders = [reader.find("house/words"), reader.find("house/vocab-only")]
    hub.log.clear()
    for folder in folders:
        assert reader.ask("token_ids", str(folder), "A very good books") == [2, 5, 6, 7, 8, 9, 3]
    assert hub.log == []


# Revisions


def test_a_branch_a_tag_and_a_commit_each_give_their_own_weights(hub, reader):
    old = hub.publish("house/story", golden("bert"))
    hub.tag("house/story", "v1", old)
    new = hub.publish("house/story", golden("bert", shift=0.1))
    hub.publish("house/story", golden("bert", shift=0.2), branch="try/larger")

    expected = {None: 0.1, "main": 0.1, new: 0.1, "v1": 0, old: 0, "try/larger": 0.2}
    first, second, third = (reader.hidden("house/story", revision) for revision in ("v1", "main", "try/larger"))
    assert np.abs(first - second).max() > 0.01 and np.abs(second - third).max() > 0.01
    for revision, shift in expected.items():
        stored = load((reader.find("house/story", revision) / "model.safetensors").read_bytes())
        original = load(golden("bert")["model.safetensors"])
        name = "embeddings.word_embeddings.weight"
        np.testing.assert_allclose(stored[name] - original[name], shift, atol=1e-6)


def test_a_branch_follows_the_hub_and_a_commit_stays(hub, reader):
    old = hub.publish("house/moving", golden("bert"))
    assert reader.find("house/moving").name == old
    new = hub.publish("house/moving", golden("bert", shift=0.1))
    assert reader.find("house/moving").name == new
    assert reader.find("house/moving", old).name == old


def test_a_new_commit_with_the_same_weights_downloads_them_no_second_time(hub, reader):
    hub.publish("house/readme", golden("bert"))
    reader.find("house/readme")
    hub.log.clear()
    new = hub.publish("house/readme", golden("bert") | {"README.md": b"a typo less"})
    assert reader.find("house/readme").name == new
    assert hub.asked("GET") == []


# Without a network, after the first time


def make_trouble(hub, trouble):
    """No connection; 503, the hub is overloaded; 401, a bad token; 200, the login page of a hotel's network."""
    if trouble == "no connection":
        hub.stop()
    else:
        hub.trouble = trouble


@pytest.mark.parametrize("trouble", ["no connection", 503, 401, 200])
def test_a_model_in_the_cache_is_used_at_once_when_the_hub_fails(hub, reader, tmp_path, trouble):
    name = f"house/seen-{trouble}".replace(" ", "-")
    commit = hub.publish(name, golden("bert") | tokenizer_files(tmp_path))
    hub.tag(name, "v1", commit)
    before, tagged = reader.find(name), reader.find(name, "v1")

    make_trouble(hub, trouble)
    assert reader.find(name) == before and reader.ask("read", str(before))
    assert reader.slept == 0
    assert reader.find(name, "v1") == reader.find(name, commit) == tagged
    assert reader.ask("token_ids", str(tagged), "A very good books") == [2, 5, 6, 7, 8, 9, 3]
    assert reader.slept == 0


def test_with_hf_hub_offline_the_cache_is_enough_and_nobody_is_asked(hub, reader, offline_reader, tmp_path):
    hub.publish("house/plane", golden("bert") | tokenizer_files(tmp_path))
    before = reader.hidden("house/plane")
    hub.log.clear()
    np.testing.assert_array_equal(offline_reader.hidden("house/plane"), before)
    folder = offline_reader.find("house/plane")
    assert offline_reader.ask("token_ids", str(folder), "A very good books") == [2, 5, 6, 7, 8, 9, 3]
    with pytest.raises(Refused, match=r"ConnectionError: .*HF_HUB_OFFLINE is set. What to do: unset HF_HUB_OFFLINE"):
        offline_reader.find("house/never-seen")
    assert hub.log == []


def test_a_model_that_another_program_fetched_in_part_is_completed_or_used_as_it_is(hub, reader, tmp_path):
    hub.publish("house/part", golden("bert") | tokenizer_files(tmp_path))
    reader.ask("fetch_without_ktlearn", "house/part", "config.json", "model.safetensors")
    hub.stop()
    folder = reader.find("house/part")
    assert reader.slept == 0 and not (folder / "tokenizer.json").exists()
    hub.start_again()
    hub.log.clear()
    assert reader.find("house/part") == folder
    assert sorted(hub.asked("GET")) == ["tokenizer.json", "tokenizer_config.json"]


def test_config_without_weights_in_the_cache_is_not_taken_for_a_model(hub, reader):
    hub.publish("house/config-only", golden("bert"))
    reader.ask("fetch_without_ktlearn", "house/config-only", "config.json")
    hub.stop()
    with pytest.raises(Refused, match=r"ConnectionError: .*not wholly\) in the local cache"):
        reader.find("house/config-only")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_shared_cache_that_may_not_be_written_answers_with_what_it_has_and_that_is_said(hub, reader, home):
    try:
        old = hub.publish("house/shared", golden("bert"))
        before = reader.find("house/shared")
        assert reader.ask("find_where_nothing_may_be_written", "house/shared") == [str(before), []]
        hub.publish("house/shared", golden("bert", shift=0.1))
        for path in (home, *home.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        folder, said = reader.ask("find_where_nothing_may_be_written", "house/shared")
        assert Path(folder) == before and before.name == old
        assert len(said) == 1 and "has a newer commit of 'house/shared', but the cache cannot be written" in said[0]
        with pytest.raises(Refused, match="PermissionError"):
            hub.publish("house/not-shared", golden("bert"))
            reader.ask("find_where_nothing_may_be_written", "house/not-shared")
    finally:
        for path in (home, *home.rglob("*")):
            path.chmod(0o755)


@pytest.mark.parametrize("drips", ["headers", "body"])
def test_a_hub_that_drips_is_not_waited_for(hub, reader, drips):
    name, files = f"house/drips-{drips}", golden("bert", shift=0.3 if drips == "body" else 0.4)
    hub.publish(name, files)
    hub.drips = drips
    said = reader.ask("find_with_little_patience", name)
    assert float(said.split()[0]) < 10 and "sent less than 10,000 bytes in 2 seconds" in said
    assert ("connect to a network" if drips == "headers" else "Call again to get the others") in said
    # And when it is well again, so are we: no lock of the thread that was given up is left.
    hub.drips = None
    folder = reader.find(name)
    assert (folder / "model.safetensors").read_bytes() == files["model.safetensors"]
    hub.drips = "headers"
    assert reader.ask("find_with_little_patience", name) == str(folder)  # what the cache has is enough


# Interrupted downloads


@pytest.fixture(scope="module")
def large():
    """A checkpoint of 24 MB: huggingface_hub writes in pieces of 10 MB. Nobody looks into its weights here."""
    weights = np.random.default_rng(0).bytes(24_000_000)
    return {"config.json": golden("bert")["config.json"], "model.safetensors": weights}


def test_a_cut_connection_is_taken_up_where_it_broke(hub, reader, large):
    hub.publish("house/cut", large)
    hub.cuts["model.safetensors"] = [12_000_000, 12_000_000]
    folder = reader.find("house/cut")
    assert (folder / "model.safetensors").read_bytes() == large["model.safetensors"]
    gets = [request for request in hub.log if request.method == "GET" and request.file == "model.safetensors"]
    assert len(gets) == 3 and 0 == gets[0].first_byte < gets[1].first_byte < gets[2].first_byte


def test_a_download_that_stops_leaves_no_half_file_and_the_next_call_gets_the_rest(hub, reader, home, large):
    hub.publish("house/stopped", large)
    hub.store_trouble = 503
    with pytest.raises(Refused, match=r"ConnectionError: The download of 'house/stopped' stopped.*Call again"):
        reader.find("house/stopped")
    assert in_cache(home, "house/stopped") == ["config.json"]

    hub.store_trouble = None
    hub.log.clear()
    folder = reader.find("house/stopped")
    assert (folder / "model.safetensors").read_bytes() == large["model.safetensors"]
    assert hub.asked("GET") == ["model.safetensors"]


def test_a_program_that_dies_while_it_downloads_leaves_no_half_file(hub, reader, home, large):
    hub.publish("house/died", large)
    hub.cuts["model.safetensors"] = [12_000_000]
    assert reader.ask("find_in_a_child_that_dies", "house/died") == 9
    blobs = home / "hub" / "models--house--died" / "blobs"
    assert [path.stat().st_size for path in blobs.glob("*.incomplete")] == [10 * 1024 * 1024]  # it did die midway
    assert in_cache(home, "house/died") == ["config.json"]

    folder = reader.find("house/died")
    assert (folder / "model.safetensors").read_bytes() == large["model.safetensors"]


def test_an_update_that_stops_midway_leaves_the_version_of_before_for_offline_work(hub, reader, offline_reader):
    old = hub.publish("house/update", golden("bert"))
    before = reader.hidden("house/update")
    hub.publish("house/update", golden("bert", shift=0.1))
    hub.store_trouble = 503
    with pytest.raises(Refused, match="The download of 'house/update' stopped"):
        reader.find("house/update")
    assert offline_reader.find("house/update").name == old
    np.testing.assert_array_equal(offline_reader.hidden("house/update"), before)


def test_a_damaged_file_in_the_cache_is_named_and_once_deleted_fetched_again(hub, reader):
    files = golden("bert")
    hub.publish("house/damaged", files)
    folder = reader.find("house/damaged")
    real = (folder / "model.safetensors").resolve()
    real.write_bytes(files["model.safetensors"][:20_000])
    with pytest.raises(Refused, match=f"ValueError: .*cut short.*Delete {real} and get it again"):
        reader.ask("read", str(folder))
    real.unlink()
    assert reader.find("house/damaged") == folder
    assert reader.ask("read", str(folder)) == sorted(load(files["model.safetensors"]))


# What can go wrong, and what the message says to do


def without(files, *names):
    return {name: data for name, data in files.items() if name not in names}


def test_errors_on_the_hub_say_what_to_do_and_come_without_waiting(hub, reader):
    bert = golden("bert")
    hub.publish("house/plain", bert)
    hub.publish("house/no-config", without(bert, "config.json"))
    hub.publish("house/pickle", without(bert, "model.safetensors") | {"pytorch_model.bin": b"pickle"})
    hub.publish("house/no-weights", without(bert, "model.safetensors"))
    hub.publish("house/secret", bert)
    hub.gated.add("house/secret")

    cases = {
        (
            "house/absent",
            None,
        ): "FileNotFoundError: There is no folder 'house/absent' here and no such model",
        ("bert-base-uncassed", None): "FileNotFoundError: .*no such model on the hub.*Check the spelling",
        ("house/plain", "v9"): "FileNotFoundError: 'house/plain' has no revision 'v9'. Accepted: a branch, a tag",
        ("house/plain", "0" * 40): "FileNotFoundError: 'house/plain' has no revision '0{40}'",
        ("house/no-config", None): "FileNotFoundError: 'house/no-config' has no config.json.*Choose a model with",
        ("house/pickle", None): "ValueError: house/pickle has its weights only as pytorch_model.bin.*Convert it once",
        ("house/no-weights", None): "ValueError: house/no-weights has neither model.safetensors nor .*Accepted: a",
        ("house/secret", None): "PermissionError: .*house/secret.*accepted its conditions.*`hf auth login`",
        ("a/b/c", None): "FileNotFoundError: There is no folder 'a/b/c', and it cannot be a name on the hub.*Accepted",
        ("no--such.git", None): "FileNotFoundError: .*cannot be a name on the hub",
        ("./missing folder", None): "FileNotFoundError: .*cannot be a name on the hub",
        (str(GOLDEN / "bert"), "v1"): "ValueError: revision='v1' is for a name on the hub.*Leave revision out",
    }
    for (name, revision), expected in cases.items():
        with pytest.raises(Refused, match=expected):
            reader.find(name, revision)
        assert reader.slept == 0, name


FAILING = {
    "no connection": "ConnectionError: 'house/new' is not .*does not answer.*connect to a network.*HF_ENDPOINT",
    503: "ConnectionError: .*does not answer as it should .*503.*try again",
    401: "PermissionError: The hub refuses to give 'house/new' .*unset HF_TOKEN for a public model",
    200: "ConnectionError: .*login page",
}


@pytest.mark.parametrize("trouble", FAILING)
def test_a_hub_that_fails_and_an_empty_cache_give_an_error_without_waiting(hub, reader, trouble):
    hub.publish("house/new", golden("bert"))
    make_trouble(hub, trouble)
    with pytest.raises(Refused, match=FAILING[trouble]):
        reader.find("house/new")
    assert reader.slept == 0


@pytest.mark.parametrize("file", ["../../outside.safetensors", "/etc/outside.safetensors", "..", "pytorch_model.bin"])
def test_an_index_may_name_only_safetensors_files_of_its_own_folder(hub, reader, file):
    files = golden("distilbert-masked-lm-sharded")
    index = json.loads(files["model.safetensors.index.json"])
    index["weight_map"]["distilbert.embeddings.LayerNorm.bias"] = file
    hub.publish("house/index", files | {"model.safetensors.index.json": json.dumps(index).encode()})
    with pytest.raises(Refused, match=r"ValueError: .* names the file .*it is refused. Do not use this checkpoint"):
        reader.find("house/index")
    assert not [asked for asked in hub.asked("GET") if "outside" in asked or asked.endswith((".safetensors", ".bin"))]


def test_a_damaged_index_is_an_error_that_names_it(hub, reader):
    files = golden("distilbert-masked-lm-sharded")
    hub.publish("house/bad-index", files | {"model.safetensors.index.json": b'{"weight_map": ['})
    with pytest.raises(Refused, match=r"ValueError: .*index.json is damaged.*Delete .* and get it again"):
        reader.find("house/bad-index")
