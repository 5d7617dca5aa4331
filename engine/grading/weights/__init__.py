"""Reads the weights of many model files, in a process of its own, and finds those alike."""
