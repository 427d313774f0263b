"""Printers: a tree as text in another notation."""
