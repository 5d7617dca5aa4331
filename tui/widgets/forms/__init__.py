"""Widgets of forms and settings."""
