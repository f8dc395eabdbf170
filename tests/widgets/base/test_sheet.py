"""A sheet of paper: what is drawn on it is in the SVG and in the PNG, and text is only text."""

import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from ktlearn.widgets.base.sheet import MOST_RECTANGLES, Sheet, short, visible, width_of

SVG = "{http://www.w3.org/2000/svg}"
RED, BLUE = "#ff0000", "#0000ff"


def colours_of(sheet):
    """The colours of the PNG, but for what is mixed at an edge."""
    image = Image.open(io.BytesIO(sheet.png(1))).convert("RGB")
    return {f"#{bytes(colour).hex()}" for count, colour in image.getcolors(10_000) if count >= 20}


DRAWN = {
    "rectangle": lambda sheet: sheet.rectangle(10, 10, 30, 20, RED),
    "disc": lambda sheet: sheet.disc(25, 20, 10, RED),
    "path": lambda sheet: sheet.path([(5, 5), (45, 35)], RED, line=4),
    "curve": lambda sheet: sheet.curve(5, 5, 45, 35, RED, 5, 1),
    "cells": lambda sheet: sheet.cells(10, 10, 30, 20, np.array([[[255, 0, 0]]], "uint8")),
    "text": lambda sheet: sheet.text("██", 10, 20, RED, size=20),
}


@pytest.mark.parametrize("name", DRAWN)
def test_each_shape_is_in_the_svg_and_in_the_png(name):
    sheet = Sheet(50, 40, "#ffffff")
    DRAWN[name](sheet)
    assert re.search(f'(fill|stroke)="{RED}"', sheet.svg())
    assert RED in colours_of(sheet)
    assert Image.open(io.BytesIO(sheet.png(2))).size == (100, 80)


def test_what_is_drawn_later_lies_above():
    sheet = Sheet(50, 40, "#ffffff")
    sheet.rectangle(0, 0, 50, 40, RED)
    sheet.rectangle(0, 0, 50, 40, BLUE)
    assert colours_of(sheet) == {BLUE}
    assert sheet.svg().index(RED) < sheet.svg().index(BLUE)


def test_many_cells_become_an_image():
    sheet = Sheet(50, 40, "#ffffff")
    sheet.cells(0, 0, 50, 40, np.zeros((1, MOST_RECTANGLES + 1, 3), "uint8"))
    assert len(list(ElementTree.fromstring(sheet.svg()).iter(f"{SVG}image"))) == 1


@pytest.mark.parametrize(
    ("token", "seen"),
    [("", "∅"), ("  ", "␣␣"), ("\n", "⏎"), ("\n\t ", "⏎␣␣"), ("a b", "a b"), ("\x00", "�"), ("\ud800", "�")],
)
def test_what_cannot_be_seen_becomes_visible(token, seen):
    assert visible(token) == seen
    assert short("x" * 25) == "x" * 23 + "…"


def test_wide_letters_are_wide():
    assert width_of("你好", 10) == 20
    assert width_of("ab", 10) == 12


def test_the_words_of_the_page_are_never_shortened():
    sheet = Sheet(100, 20, "#ffffff")
    sheet.caption("a sentence that is longer than a token may be", 0, 0, "#000000")
    assert [node.text for node in ElementTree.fromstring(sheet.svg()).iter(f"{SVG}text")] == [
        "a sentence that is longer than a token may be"
    ]
