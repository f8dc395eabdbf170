"""``python -m ktlearn``."""

from ktlearn.course.cli import main

raise SystemExit(main())
