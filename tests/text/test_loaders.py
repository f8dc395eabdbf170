"""ktrain's loaders: from lists, data frames, CSV files and folders to ``(trn, val, preproc)``."""

import numpy as np
import pandas as pd
import pytest

import ktlearn as ktrain
from ktlearn import text
from ktlearn.text import table_files
from tests.tiny import reviews

TEXTS, LABELS = reviews(40)
NAMES = ["negative", "positive"]
FRAME = pd.DataFrame({"text": TEXTS, "label": [NAMES[label] for label in LABELS], "stars": np.arange(40) % 5 + 1})


@pytest.fixture
def options(checkpoint):
    return {"preprocess_mode": checkpoint, "maxlen": 64, "verbose": 0}


# --- arrays -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_arrays_become_ktrains_three_things_and_train(options, shallow):
    options |= {"preprocess_mode": shallow}
    trn, val, preproc = text.texts_from_array(TEXTS, LABELS, class_names=NAMES, val_pct=0.25, **options)
    assert (len(trn), len(val)) == (30, 10)
    assert sorted(trn.texts + val.texts) == sorted(TEXTS)
    assert preproc.get_classes() == NAMES
    model = text.text_classifier(options["preprocess_mode"], trn, preproc=preproc, verbose=0)
    learner = ktrain.get_learner(model, train_data=trn, val_data=val, batch_size=6)
    learner.fit_onecycle(1e-3, 1, verbose=0)
    assert ktrain.get_predictor(learner.model, preproc).predict("good film") in NAMES


def test_a_test_set_of_ones_own_is_the_validation_set(options):
    trn, val, _ = text.texts_from_array(TEXTS, LABELS, TEXTS[:5], LABELS[:5], class_names=NAMES, **options)
    assert (len(trn), val.texts) == (40, TEXTS[:5])
    np.testing.assert_array_equal(val.y[:, 1], LABELS[:5])


def test_the_split_is_the_seeds(options):
    first, again, other = (
        text.texts_from_array(TEXTS, LABELS, random_state=seed, **options)[1].texts for seed in (1, 1, 2)
    )
    assert first == again != other


def test_integers_are_a_regression_when_asked(options):
    trn, _, preproc = text.texts_from_array(TEXTS, LABELS, is_regression=True, **options)
    assert trn.y.shape[1] == 1
    model = text.text_regression_model(options["preprocess_mode"], trn, preproc, verbose=0)
    assert model.num_labels == 1
    with pytest.raises(ValueError, match=r"use get_regression_model\(\)"):
        text.text_classifier(options["preprocess_mode"], trn, preproc)


def test_the_standard_mode_is_the_bundled_model_with_the_length_that_it_has_learned(capsys):
    trn, _, preproc = text.texts_from_array(TEXTS, LABELS, class_names=NAMES)
    assert preproc.model_name == "ktlearn/mini-bert-en"
    assert preproc.maxlen == trn.maxlen == min(400, preproc.config.max_position_embeddings)
    assert "  1 positive 18" in capsys.readouterr().out


def test_what_counts_words_only_is_said_to_change_nothing(options):
    with pytest.warns(UserWarning, match="max_features and ngram_range change nothing"):
        text.texts_from_array(TEXTS, LABELS, ngram_range=3, **options)


def test_half_a_test_set_is_refused_before_any_work(options, no_work):
    with pytest.raises(ValueError, match="x_test and y_test belong together"):
        text.texts_from_array(TEXTS, LABELS, x_test=TEXTS, **options)


# --- data frames --------------------------------------------------------------------------------


def test_a_column_of_names_makes_classes(options):
    trn, val, preproc = text.texts_from_df(FRAME, "text", "label", val_pct=0.2, **options)
    assert preproc.get_classes() == NAMES
    assert (len(trn), len(val)) == (32, 8)


def test_a_list_of_one_label_column_is_ktrains_way(options):
    assert text.texts_from_df(FRAME, "text", ["label"], **options)[2].get_classes() == NAMES


def test_several_columns_of_0_and_1_make_multilabel(options):
    frame = FRAME.assign(toxic=np.arange(40) % 2, insult=np.arange(40) % 3 == 0)
    trn, _, preproc = text.texts_from_df(frame, "text", ["toxic", "insult"], val_df=frame[:9], **options)
    assert preproc.get_classes() == ["toxic", "insult"]
    np.testing.assert_array_equal(trn.y[:4], [[0, 1], [1, 0], [0, 0], [1, 1]])
    assert type(preproc.get_classifier().loss).__name__ == "BinaryCrossentropy"


def test_a_column_of_integers_can_be_predicted_as_numbers(options):
    trn, val, _ = text.texts_from_df(FRAME, "text", "stars", val_df=FRAME[:3], is_regression=True, **options)
    np.testing.assert_array_equal(val.y, [[1], [2], [3]])
    assert trn.labels.kind == "regression"


def test_the_validation_frame_is_read_and_not_the_training_frame(options):
    _, val, _ = text.texts_from_df(FRAME[:30], "text", "label", val_df=FRAME[30:], **options)
    assert val.texts == TEXTS[30:]
    np.testing.assert_array_equal(val.y[:, 1], LABELS[30:])


def test_two_text_columns_make_pairs(options):
    frame = FRAME.assign(second=TEXTS[::-1])
    trn, _, _ = text.texts_from_df(frame, ["text", "second"], "label", val_df=frame[:4], **options)
    assert trn.texts[0] == (TEXTS[0], TEXTS[-1])
    assert "token_type_ids" in trn.collate(np.array([0]))[0]


@pytest.mark.parametrize(
    "frame, columns, error, message",
    [
        (FRAME, ("review", "label"), ValueError, r"no column 'review'. Its columns are \['text', 'label', 'stars'\]"),
        (FRAME, ("text", ["label", "star"]), ValueError, "no column 'star'"),
        (FRAME, ("text", []), ValueError, "label_columns must be the name of a column.*got no name"),
        (FRAME, (["text", "label", "stars"], "label"), ValueError, "one name, or two names for pairs"),
        (FRAME[:0], ("text", "label"), ValueError, "train_df has no rows"),
        (TEXTS, ("text", "label"), TypeError, "must be a pandas DataFrame; got list"),
        (FRAME.assign(label="same"), ("text", "label"), ValueError, "all training labels are 'same'"),
        (
            FRAME.assign(text=[*TEXTS[:7], None, *TEXTS[8:]]),
            ("text", "label"),
            ValueError,
            r"1 of 40 cells of the column 'text' are empty, the first in row 7 .*dropna\(subset=\['text'\]\)",
        ),
        (FRAME.assign(stars=[1, *[None] * 39]), ("text", "stars"), ValueError, "39 of 40 cells of the column 'stars'"),
    ],
)
def test_unusable_frames_are_refused_before_any_work(options, no_work, frame, columns, error, message):
    with pytest.raises(error, match=message):
        text.texts_from_df(frame, *columns, **options)


# --- CSV files ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_csv_file_of_any_encoding_gives_its_texts(options, tmp_path, encoding):
    texts = [f"café “{text}” – £{number}" for number, text in enumerate(TEXTS)]
    FRAME.assign(text=texts).to_csv(tmp_path / "train.csv", encoding=encoding, index=False)
    trn, val, _ = text.texts_from_csv(tmp_path / "train.csv", "text", ["label"], **options)
    assert sorted(trn.texts + val.texts) == sorted(texts)


def test_texts_that_look_like_numbers_or_like_nothing_stay_texts(options, tmp_path):
    texts = ["None", "NA", "007", "null", "1e3", 'a "quoted", one', "two\nlines"]
    pd.DataFrame({"text": texts, "label": ["a", "b"] * 3 + ["a"]}).to_csv(tmp_path / "odd.csv", index=False)
    trn, _, _ = text.texts_from_csv(str(tmp_path / "odd.csv"), "text", "label", tmp_path / "odd.csv", **options)
    assert trn.texts == texts


def test_another_separator_and_a_validation_file_are_read(options, tmp_path):
    FRAME.to_csv(tmp_path / "train.tsv", sep="\t", index=False)
    FRAME[:6].to_csv(tmp_path / "val.tsv", sep="\t", index=False)
    trn, val, _ = text.texts_from_csv(
        tmp_path / "train.tsv", "text", "stars", tmp_path / "val.tsv", sep="\t", is_regression=True, **options
    )
    assert (len(trn), len(val)) == (40, 6)


def test_a_long_file_shows_a_bar(options, tmp_path, monkeypatch, capsys):
    FRAME.to_csv(tmp_path / "train.csv", index=False)
    text.texts_from_csv(tmp_path / "train.csv", "text", "label", **options | {"verbose": 1})
    assert "reading" not in capsys.readouterr().err
    monkeypatch.setattr(table_files, "BAR_FROM_BYTES", 100)
    text.texts_from_csv(tmp_path / "train.csv", "text", "label", **options | {"verbose": 1})
    assert "reading: 100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content, encoding, message",
    [
        (b"", None, "train.csv is empty"),
        (b"text,label\n", None, "train_df has no rows"),
        (
            b"text;label\ngood;1\n",
            None,
            r"no column 'text', 'label'. Its columns are \['text;label'\]. Is sep=',' right",
        ),
        (b"text,label\na,b\na,b,c,d\n", None, "train.csv is no table with sep=','"),
        (b"text,label\na, really,b\nc, not,d\n", None, r"no table .*more cells than .*without quotes around it"),
        (b"text,label\na,\n", None, "1 of 1 cells of the column 'label' are empty"),
        ("text,label\ncafé,1\n".encode("cp1252"), "utf-8", "train.csv cannot be read as 'utf-8'"),
    ],
)
def test_unusable_csv_files_are_refused_before_any_work(options, no_work, tmp_path, content, encoding, message):
    (tmp_path / "train.csv").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        text.texts_from_csv(tmp_path / "train.csv", "text", "label", encoding=encoding, **options)


def test_a_csv_file_that_is_not_there_is_named(options, tmp_path):
    with pytest.raises(FileNotFoundError, match="There is no file .*nowhere.csv"):
        text.texts_from_csv(tmp_path / "nowhere.csv", "text", "label", **options)


# --- folders ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    """Two files a class for training, one for the test."""
    for part, count in (("train", 2), ("test", 1)):
        for name in ("neg", "pos"):
            (tmp_path / part / name).mkdir(parents=True)
            for number in range(count):
                (tmp_path / part / name / f"{number}.txt").write_text(f"{part} {name} {number}")
    return tmp_path


def test_a_folder_of_class_folders_gives_its_files(options, folder):
    (folder / "train" / "pos" / ".DS_Store").write_bytes(b"\0\1")
    trn, val, preproc = text.texts_from_folder(folder, **options)
    assert trn.texts == ["train neg 0", "train neg 1", "train pos 0", "train pos 1"]
    np.testing.assert_array_equal(trn.y[:, 1], [0, 0, 1, 1])
    assert val.texts == ["test neg 0", "test pos 0"]
    assert preproc.get_classes() == ["neg", "pos"]


def test_the_classes_that_are_named_are_read_in_their_order(options, folder):
    (folder / "train" / "unsup").mkdir()
    (folder / "train" / "unsup" / "0.txt").write_text("no label")
    trn, _, preproc = text.texts_from_folder(str(folder), classes=["pos", "neg"], **options)
    assert preproc.get_classes() == ["pos", "neg"]
    assert len(trn) == 4
    np.testing.assert_array_equal(trn.y[:, 0], [1, 1, 0, 0])


def test_one_folder_is_split(options, folder):
    trn, val, _ = text.texts_from_folder(folder, train_test_names=["train"], val_pct=0.5, **options)
    assert (len(trn), len(val)) == (2, 2)
    trn, val, _ = text.texts_from_folder(folder / "train", train_test_names=[""], val_pct=0.5, **options)
    assert (len(trn), len(val)) == (2, 2)


def test_folders_and_files_that_are_missing_are_named(options, folder, no_work):
    with pytest.raises(FileNotFoundError, match=r"no folder 'valid': its folders are \['test', 'train'\]"):
        text.texts_from_folder(folder, train_test_names=["train", "valid"], **options)
    with pytest.raises(FileNotFoundError, match=r"no folder 'good': its folders are \['neg', 'pos'\]"):
        text.texts_from_folder(folder, classes=["good", "bad"], **options)
    with pytest.raises(FileNotFoundError, match="the folder itself does not exist"):
        text.texts_from_folder(folder / "nowhere", **options)
    with pytest.raises(ValueError, match=r"at least two classes; found: \['pos'\]"):
        text.texts_from_folder(folder, classes=["pos"], **options)
    with pytest.raises(ValueError, match="a list of one or two folder names; got 'train'"):
        text.texts_from_folder(folder, train_test_names="train", **options)
    (folder / "train" / "none").mkdir()
    with pytest.raises(ValueError, match="nothing to learn the class 'none' from"):
        text.texts_from_folder(folder, **options)


def test_what_a_system_puts_into_folders_is_no_text_and_no_class(options, folder):
    for part in ("train", "test"):
        (folder / part / "__MACOSX").mkdir()
        for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
            (folder / part / "pos" / name).write_bytes(b"\0\1")
    trn, val, preproc = text.texts_from_folder(folder, **options)
    assert preproc.get_classes() == ["neg", "pos"]
    assert (len(trn), len(val)) == (4, 2)


def test_folders_inside_a_classs_folder_are_not_left_out_in_silence(options, folder, no_work):
    (folder / "train" / "pos" / "2024").mkdir()
    with pytest.raises(ValueError, match=r"pos holds the folders \['2024'\], and what is in them would be left out"):
        text.texts_from_folder(folder, **options)


def test_a_file_that_is_no_text_is_named(options, folder, no_work):
    (folder / "train" / "pos" / "photo.jpg").write_bytes(b"\xff\xd8\xff\0\0")
    with pytest.raises(ValueError, match="photo.jpg holds a zero byte"):
        text.texts_from_folder(folder, **options)


# --- what a file says -----------------------------------------------------------------------------


def csv(folder, lines, name="train.csv"):
    (folder / name).write_text("text,label\n" + "".join(f"a review,{label}\n" for label in lines), encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    "train, val, classes, numbers",
    [
        (["1", "2", "3", "unknown"], ["1", "2", "3"], ["1", "2", "3", "unknown"], [0, 1, 2]),
        (["1", "2", "3"], ["3", "1"], [1, 2, 3], [2, 0]),
        (["007", "7", "010"], ["7", "007"], ["007", "010", "7"], [2, 0]),
        (["True", "False"], ["True"], ["False", "True"], [1]),
        (["None", "NA", "nan"], ["NA"], ["NA", "None", "nan"], [0]),
        (["-1", "0", "1"], ["0"], [-1, 0, 1], [1]),
        (["1", "2", "1.0"], ["2", "1"], None, None),
        (["1e3", "x"], ["x"], ["1e3", "x"], [1]),
        (["٣", "4"], ["4"], ["4", "٣"], [0]),  # an Arabic digit is no number here
    ],
)
def test_labels_are_what_the_file_says(options, tmp_path, train, val, classes, numbers):
    files = csv(tmp_path, train), csv(tmp_path, val, "val.csv")
    trn, held, _ = text.texts_from_csv(files[0], "text", "label", files[1], **options)
    if classes is None:
        assert trn.labels.kind == "regression"
        np.testing.assert_array_equal(held.y[:, 0], [2, 1])
    else:
        assert trn.labels.values == classes
        assert held.y.argmax(1).tolist() == numbers


def test_one_word_in_the_validation_file_makes_both_files_words(options, tmp_path):
    files = csv(tmp_path, ["1", "2"]), csv(tmp_path, ["1", "unknown"], "val.csv")
    with pytest.raises(ValueError, match=r"item 1 has the unknown label 'unknown'. Known: \['1', '2'\]"):
        text.texts_from_csv(files[0], "text", "label", files[1], **options)


def test_numbers_of_a_regression_and_columns_of_0_and_1_are_read_as_such(options, tmp_path):
    path = csv(tmp_path, ["3", "4.5"])
    trn, _, _ = text.texts_from_csv(path, "text", "label", path, is_regression=True, **options)
    np.testing.assert_array_equal(trn.y, [[3], [4.5]])
    path.write_text("text,a,b\nx,1,0.0\ny,True,1\n")
    trn, _, _ = text.texts_from_csv(path, "text", ["a", "b"], path, **options)
    np.testing.assert_array_equal(trn.y, [[1, 0], [1, 1]])
    with pytest.raises(ValueError, match="the column 'label' holds '3,5' in row 1 .*a decimal point"):
        path.write_text('text,label\nx,3\ny,"3,5"\n')
        text.texts_from_csv(path, "text", "label", is_regression=True, **options)
    with pytest.raises(ValueError, match="the column 'a' holds '2' in row 0 .*must hold 0 and 1"):
        path.write_text("text,a,b\nx,2,0\n")
        text.texts_from_csv(path, "text", ["a", "b"], **options)


# --- quotation marks ------------------------------------------------------------------------------

ROWS = ["great show\tp", '"Never again, we left early\tn', "the staff was kind\tp", "queue of two hours\tn"]


@pytest.mark.parametrize(
    "end", [['seats "like stone\tn'], ['home by ten"\tn'], ['home by ten"\tn', '"lovely" voices\tp']]
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_text_that_begins_with_a_quotation_mark_does_not_swallow_lines_in_silence(options, tmp_path, end, order):
    rows = [row.split("\t")[::order] for row in [*ROWS, *end]]
    path = tmp_path / "train.tsv"
    path.write_text("\n".join("\t".join(row) for row in [["text", "label"][::order], *rows]) + "\n")
    how = {"val_filepath": path, "sep": "\t"} | options
    with pytest.raises(ValueError, match="begins with a quotation mark.*say quoting=3"):
        text.texts_from_csv(path, "text", "label", **how)
    trn, _, _ = text.texts_from_csv(path, "text", "label", quoting=3, **how)
    assert trn.texts == [row[::order][0] for row in rows]


def test_a_quotation_mark_without_a_second_one_offers_the_same(options, tmp_path):
    (tmp_path / "t.tsv").write_text("text\tlabel\n" + "\n".join(ROWS) + "\n")
    with pytest.raises(ValueError, match="there is no second one.*say quoting=3"):
        text.texts_from_csv(tmp_path / "t.tsv", "text", "label", sep="\t", **options)


def test_a_column_that_is_not_asked_for_may_swallow_nothing_either(options, tmp_path):
    (tmp_path / "t.csv").write_text('id,text,label\n1,a,p\n"2,b,n\n3,c,p\n4",d,n\n5,e,p\n')
    with pytest.raises(
        ValueError, match="of the column 'id' begins with a quotation mark, and so it holds the 2 lines"
    ):
        text.texts_from_csv(tmp_path / "t.csv", "text", "label", **options)


def test_texts_of_several_lines_are_read_as_they_are(options, tmp_path):
    texts = ["Well,\nit was fine", "1,\n2,\n3", 'He said "no"\nand left, again', "a\tb\nc"]
    pd.DataFrame({"text": texts, "label": ["p", "n"] * 2}).to_csv(tmp_path / "t.csv", index=False)
    assert text.texts_from_csv(tmp_path / "t.csv", "text", "label", tmp_path / "t.csv", **options)[0].texts == texts


# --- compressed files, odd tables -----------------------------------------------------------------


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zip", "tar", "tar.gz", "csv"])
def test_compressed_tables_are_read_whatever_their_name(options, tmp_path, ending):
    name = "t.zip" if ending == "csv" else f"t.csv.{ending}"
    FRAME.to_csv(tmp_path / name, index=False)
    if ending == "csv":
        (tmp_path / name).rename(tmp_path / "t.csv")
    path = tmp_path / (name if ending != "csv" else "t.csv")
    for encoding in (None, "utf-8"):
        assert text.texts_from_csv(path, "text", "label", path, encoding=encoding, **options)[0].texts == TEXTS


def test_files_that_are_no_text_tables_are_named(options, tmp_path, no_work):
    import gzip
    import zipfile

    path = tmp_path / "t.csv"
    path.write_bytes(gzip.compress(b"text,label\n" + b"a,b\n" * 999)[:-20])
    with pytest.raises(ValueError, match="t.csv is damaged or was cut short"):
        text.texts_from_csv(path, "text", "label", **options)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", "text,label\n")
        archive.writestr("b.csv", "text,label\n")
    with pytest.raises(ValueError, match=r"an archive of 2 files, \['a.csv', 'b.csv'\]"):
        text.texts_from_csv(path, "text", "label", **options)
    path.write_bytes(b"PAR1\x00\x00")
    with pytest.raises(ValueError, match="a Parquet file. Give the frame of pd.read_parquet"):
        text.texts_from_csv(path, "text", "label", **options)


def test_a_table_without_a_line_of_names_is_read_by_the_numbers_of_its_columns(options, tmp_path):
    FRAME.to_csv(tmp_path / "t.csv", index=False, header=False)
    trn, _, _ = text.texts_from_csv(tmp_path / "t.csv", 0, 1, tmp_path / "t.csv", header=None, **options)
    assert trn.texts == TEXTS
    frame = pd.read_csv(tmp_path / "t.csv", header=None)
    assert text.texts_from_df(frame, 0, 1, frame, **options)[0].texts == TEXTS
    with pytest.raises(ValueError, match="The first line is taken for names.*header=None"):
        text.texts_from_csv(tmp_path / "t.csv", "text", "label", **options)


def test_a_column_that_is_there_twice_is_named(options, tmp_path, no_work):
    (tmp_path / "t.csv").write_text("text,text,label\na,b,c\n")
    with pytest.raises(ValueError, match="has the column 'text' twice"):
        text.texts_from_csv(tmp_path / "t.csv", "text", "label", **options)
    frame = pd.DataFrame([["a", "b", "c"]], columns=["text", "label", "label"])
    with pytest.raises(ValueError, match="train_df has the column 'label' twice"):
        text.texts_from_df(frame, "text", "label", **options)
    with pytest.raises(ValueError, match="name 'text' twice"):
        text.texts_from_df(FRAME, "text", "text", **options)


def test_a_name_with_a_space_too_many_gets_a_hint(options, no_work):
    with pytest.raises(ValueError, match="no column 'text'.* Is ' Text' meant"):
        text.texts_from_df(FRAME.rename(columns={"text": " Text"}), "text", "label", **options)
