"""The course around the package: opening the lessons, checking a machine, packing a room, stamping a copy."""
