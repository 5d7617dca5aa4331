"""Grading on workers of a Dask cluster. Nothing here imports Dask before it is asked to grade."""
