"""``python -m ktlearn.lessons stamp``: the old name of ``python -m ktlearn stamp``."""

from ktlearn.course.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
