"""Scenes: the values that a picture is made of, independent of any drawing library."""
