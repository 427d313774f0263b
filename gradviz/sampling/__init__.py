"""Sampling: from a spec to the numbers that a figure shows."""
