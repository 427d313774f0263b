"""Draw many specs to many files, in local worker processes or on an existing Dask cluster."""
