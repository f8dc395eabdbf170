"""``python -m ktlearn``."""

from ktlearn.cli import main

raise SystemExit(main())
