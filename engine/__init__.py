"""A sitting and its grading, without any screen.

The middle floor: it imports `exam_bank` and never `tui`, Textual or Rich.
"""
