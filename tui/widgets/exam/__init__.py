"""Widgets of the exam screen."""
