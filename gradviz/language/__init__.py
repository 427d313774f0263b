"""The language of expressions: text to tokens to a tree, with the standard library only."""
