"""Where the data, the models and the lessons lie that come with ktlearn.

In an installed wheel they are inside the package; in a checkout they are beside it.
"""

from importlib.resources import files
from pathlib import Path


def resource(name):
    """The path of ``"data"``, ``"models"``, ``"figures"`` (in assets) or ``"notebooks"``.

    Raises:
        FileNotFoundError: the installation is incomplete.

    >>> (resource("data") / "reviews_en.csv").is_file()
    True
    """
    package = Path(str(files("ktlearn")))
    inside = name if name == "notebooks" else f"assets/{name}"
    for root in (package, package.parent):
        if (root / inside).is_dir():
            return root / inside
    raise FileNotFoundError(f"ktlearn's own folder {inside!r} is missing. Install ktlearn again.")


def bundled_models():
    """The names of the bundled models, as ``from_pretrained`` takes them.

    >>> bundled_models()[:3]
    ['ktlearn/mini-bert-en', 'ktlearn/minilm-en', 'ktlearn/passage-reader-en']
    """
    folders = sorted(path.parent.name for path in resource("models").glob("*/config.json"))
    return [f"ktlearn/{name}" for name in folders]
