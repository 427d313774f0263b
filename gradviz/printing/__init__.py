"""Printers of trees: mathtext, MathML and NumPy source."""
