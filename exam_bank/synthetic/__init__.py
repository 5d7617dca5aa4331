"""Seeded generators that tasks share: the same seed gives the same bytes on any machine."""
