"""Sampling: from a spec to the numbers that a figure shows.

Each kind has a module with two functions: `sample(spec)` evaluates one figure, and `share(spec, members)`
computes what the figures of a sweep have in common, from the samples of all.
"""
