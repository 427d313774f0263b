"""Expressions: text to tree (standard library only), tree to formula (SymPy), formula to field (NumPy)."""
