"""Pictures in a terminal: graphics protocols, or half blocks."""
