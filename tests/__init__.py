"""A package with a file, so that no `tests` of another package on the path comes first (IPython 7 has one)."""
