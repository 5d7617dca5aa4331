"""Texts, tables and charts for screens: pure functions, no widgets."""
