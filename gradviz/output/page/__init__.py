"""A page that turns and zooms in a browser, drawn by plotly's script."""
