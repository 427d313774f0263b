"""Language of expressions: text to tokens to tree, with the standard library only."""
