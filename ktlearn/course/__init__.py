"""The course around the package: opening the lessons, checking a machine, stamping a copy."""
