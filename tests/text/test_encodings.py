"""Files whose encoding nobody wrote down are read as they were written."""

import charset_normalizer
import pytest

from ktlearn.text.encodings import detect_encoding, read_texts

WRITTEN = {
    "English": ("Not “great” – really. It cost £5.", "cp1252"),
    "French": (
        "Le café était très bon, mais le garçon n'était pas aimable.\nUne soirée gâchée par le bruit.",
        "cp1252",
    ),
    "Spanish": ("La película fue aburridísima. ¡Qué lástima! El niño lloró.", "latin-1"),
    "German": ("Das Hotel war schön, über den Preis läßt sich streiten.", "latin-1"),
    "Polish": ("Film był świetny, polecam każdemu. Obsługa była niemiła i źle się czułem.", "cp1250"),
    "Turkish": (
        "Film çok güzeldi, oda ise kirliydi. Şöyle böyle, ışık yoktu. Yemekler çok geç geldi, garsonlar ilgisizdi.",
        "cp1254",
    ),
    "Greek": ("Η ταινία ήταν πολύ καλή. Το ξενοδοχείο ήταν βρώμικο.", "cp1253"),
    "Russian": ("Фильм был очень хороший, мне понравилось. Еда была холодной.", "cp1251"),
    "Russian, Unix": ("Фильм был очень хороший, мне понравилось. Еда была холодной.", "koi8_r"),
    "Chinese": ("这部电影很好看，我非常喜欢。服务员态度很差，房间也不干净。", "gb18030"),
    "Japanese": ("この映画はとても面白かったです。ホテルの部屋は汚かった。", "shift_jis"),
    "Korean": ("이 영화는 정말 재미있었어요. 호텔 방이 더러웠습니다.", "euc_kr"),
}


def decoded(content):
    return content.decode(detect_encoding(content.splitlines(keepends=True), "it"))


@pytest.mark.parametrize("language", WRITTEN)
def test_a_text_is_read_in_the_encoding_it_was_written_in(language):
    if language == "Polish" and charset_normalizer.__version__.startswith("3.4."):
        pytest.skip("charset-normalizer 3.4, which Colab has, takes this short Polish text for Western; 3.5 does not")
    text, encoding = WRITTEN[language]
    assert decoded(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("language", ["English", "Russian", "Chinese"])
def test_unicode_is_read_and_its_mark_is_no_part_of_the_text(language, encoding):
    text, _ = WRITTEN[language]
    assert decoded(text.encode(encoding)) == text


def test_one_letter_late_in_a_long_file_counts():
    lines = [b"plain line\n"] * 10_000 + ["café\n".encode("cp1252")]
    assert detect_encoding(lines, "it") == "cp1252"
    assert detect_encoding([*lines[:-1], "café\n".encode()], "it") == "utf-8-sig"


def test_what_is_no_text_is_refused():
    with pytest.raises(
        ValueError, match="line 2 of picture.png holds a zero byte. It is no text, or UTF-16 without a mark"
    ):
        detect_encoding([b"\x89PNG\r\n", b"\x1a\n\0\0\0\rIHDR"], "picture.png")
    with pytest.raises(ValueError, match="no encoding that ktlearn can detect. Name it: encoding="):
        detect_encoding([bytes(range(128, 256))], "noise")


def write(folder, contents):
    (folder / "class").mkdir()
    paths = [folder / "class" / f"{number}.txt" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def test_the_files_of_a_folder_share_one_encoding_found_from_all_of_them(tmp_path, capsys):
    texts = ["plain", *[text for text, _ in list(WRITTEN.values())[:3]]]
    paths = write(tmp_path, [text.encode("cp1252") for text in texts])
    assert read_texts(paths) == texts
    assert "the encoding seems to be cp1252. If letters look wrong, name it: encoding='…'" in capsys.readouterr().out
    assert read_texts(paths, "cp1252", verbose=0) == texts
    assert capsys.readouterr().out == ""


def test_utf_8_files_with_and_without_a_mark_may_be_mixed(tmp_path, capsys):
    paths = write(tmp_path, ["café".encode(), "thé".encode("utf-8-sig")])
    assert read_texts(paths) == ["café", "thé"]
    assert capsys.readouterr().out == ""


def test_a_file_of_another_encoding_is_named(tmp_path):
    paths = write(tmp_path, [b"plain", "café".encode("cp1252")])
    with pytest.raises(
        ValueError,
        match=r"line 1 of .*1.txt cannot be read as 'utf-8': its byte 4 is 0xe9.*or None to have it detected",
    ):
        read_texts(paths, "utf-8")
    with pytest.raises(ValueError, match="Python knows no 'klingon'"):
        read_texts(paths, "klingon")


# --- one wrong byte -----------------------------------------------------------------------------

LATE = [b"plain\n", "été à Noël\n".encode(), b"a caf\xe9 here\n", "où ça\n".encode()]


def test_a_wrong_byte_among_lines_of_utf_8_is_named_and_the_others_do_not_become_other_letters():
    with pytest.raises(
        ValueError, match="line 3 of reviews.csv cannot .*byte 6 is 0xe9, in .a caf.xe9 here.. The rest can"
    ):
        detect_encoding(LATE, "reviews.csv")
    late = ["été\n".encode()] * 60_000 + [b"caf\xe9\n"]  # after all that is judged by
    with pytest.raises(ValueError, match="line 60001 of it cannot be read"):
        detect_encoding(late, "it")


def test_a_wrong_byte_is_named_for_an_encoding_that_was_given_too(tmp_path):
    paths = write(tmp_path, [b"".join(LATE), "déjà\n".encode()])
    for encoding in (None, "utf-8"):
        with pytest.raises(ValueError, match=r"0.txt cannot be read as 'utf-8': its byte \d+ is 0xe9.*The rest can"):
            read_texts(paths, encoding)


def test_the_advice_for_a_wrong_byte_works(tmp_path):
    (tmp_path / "file").write_bytes(b"".join(LATE))
    copy = (tmp_path / "file").read_text(encoding="utf-8", errors="replace").encode()
    assert detect_encoding(copy.splitlines(keepends=True), "copy") == "utf-8-sig"
