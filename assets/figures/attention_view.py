"""Draw attention_view.png, the widget in the README: every head of the bundled model on a sentence, in a browser.

    python assets/figures/attention_view.py

It needs Playwright, as the tests do, and Chromium.
"""

import io
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))  # for the tests' way to find Chromium

from PIL import Image
from playwright.sync_api import sync_playwright

from ktlearn import models, text
from ktlearn.widgets import AttentionView
from tests.browser.chromium import FLAGS, find_chromium

SENTENCE = "She closed her eyes and smiled, because the film was really good."
COLOURS = 128


def main():
    model = models.from_pretrained("ktlearn/mini-bert-en", task="masked-lm")
    tokenizer = text.Transformer("ktlearn/mini-bert-en").get_tokenizer()
    view = AttentionView.from_model(model, tokenizer, SENTENCE, view="grid", layer=1)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "view.html"
        view.export(file)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 900, "height": 640}, device_scale_factor=2, color_scheme="light")
        page.goto(file.as_uri())
        page.wait_for_selector(".kt-notes p")
        page.locator(".kt-stage").hover(position={"x": 360, "y": 80})  # layer 0, head 2
        page.locator(".kt-live", has_text="layer 0, head 2").wait_for()
        picture = Image.open(io.BytesIO(page.locator(".kt-attention").screenshot()))
        browser.close()
    picture.convert("RGB").quantize(COLOURS).save(Path(__file__).with_suffix(".png"), optimize=True)


if __name__ == "__main__":
    main()
