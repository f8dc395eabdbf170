"""A wheel of ktlearn with some of its files in another form, written without a network and without a build tool.

A wheel is a zip of the files, of three texts about them, and of a list with a checksum for each (PEP 427).
"""

import base64
import hashlib
import zipfile
from importlib import metadata
from pathlib import Path

import ktlearn
from ktlearn.support.bundled import resource

MARK = "student"  # behind the version: 0.1.0+student


def write_wheel(folder, changed):
    """Write the wheel into ``folder``; returns its path.

    Args:
        folder: where to.
        changed: path inside the wheel, such as ``"ktlearn/exercises/lesson_02.py"`` → its new content, bytes.

    Raises:
        FileNotFoundError: ktlearn is not installed, so nothing is known of what it requires.
    """
    try:
        about = metadata.distribution("ktlearn").read_text("METADATA")
    except metadata.PackageNotFoundError:
        raise FileNotFoundError("ktlearn is not installed here. Install it, then make the release again.") from None
    version = f"{ktlearn.__version__}+{MARK}"
    info = f"ktlearn-{version}.dist-info"
    texts = {
        "METADATA": about.replace(f"Version: {ktlearn.__version__}\n", f"Version: {version}\n", 1),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: ktlearn\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "entry_points.txt": "[console_scripts]\nktlearn = ktlearn.course.cli:main\n",
    }
    path = Path(folder) / f"ktlearn-{version}-py3-none-any.whl"
    listed = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, content in _contents(changed):
            wheel.writestr(name, content)
            listed.append(f"{name},sha256={_checksum(content)},{len(content)}")
        for name, text in texts.items():
            wheel.writestr(f"{info}/{name}", text)
            listed.append(f"{info}/{name},sha256={_checksum(text.encode())},{len(text.encode())}")
        wheel.writestr(f"{info}/RECORD", "\n".join([*listed, f"{info}/RECORD,,"]) + "\n")
    return path


def _contents(changed):
    package = Path(ktlearn.__file__).parent
    roots = {"ktlearn": package}
    if not (package / "notebooks").is_dir():  # in a checkout they lie beside the package
        roots |= {"ktlearn/assets": resource("models").parent, "ktlearn/notebooks": resource("notebooks")}
    for inside, root in roots.items():
        for path in sorted(root.rglob("*")):
            within = path.relative_to(root)
            if path.is_file() and not any(part.startswith((".", "__pycache__")) for part in within.parts):
                name = f"{inside}/{within.as_posix()}"
                yield name, changed.get(name) or path.read_bytes()


def _checksum(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
