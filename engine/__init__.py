"""A sitting and its grading, without any screens.

The middle layer: it imports `exam_bank`, never `tui`, Textual or Rich.
"""
