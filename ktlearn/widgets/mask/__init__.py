"""MaskPainter: a mask to paint, and the weights that it leaves."""
