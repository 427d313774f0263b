"""Matplotlib: scenes to PNG, SVG, PDF and GIF, and a figure that a caller may go on with."""
