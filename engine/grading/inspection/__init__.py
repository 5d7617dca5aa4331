"""Reads a model file without Keras, and refuses what could do harm or break the contract."""
