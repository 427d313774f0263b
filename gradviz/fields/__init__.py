"""Fields: tree to formula (SymPy), formula to program, program to a function of points (NumPy)."""
