"""Fields: scalar functions of points, compiled from a syntax tree by way of a SymPy formula."""
