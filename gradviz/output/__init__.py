"""Files: written whole or not at all, with the spec of the picture inside. One format a file."""
