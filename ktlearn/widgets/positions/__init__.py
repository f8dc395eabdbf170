"""PositionExplorer: sinusoidal positions, to turn and to compare."""
