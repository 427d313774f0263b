"""Many specs to many files: local worker processes, or the workers of an existing Dask cluster."""
