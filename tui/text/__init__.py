"""Texts, tables and drawings for screens: pure, without widgets."""
