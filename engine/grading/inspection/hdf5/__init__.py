"""Reads an HDF5 file in Python, and refuses every construct that Keras does not write."""
