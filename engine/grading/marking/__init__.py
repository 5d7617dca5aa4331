"""Runs in the marking process, which alone reads hidden targets and never a model."""
