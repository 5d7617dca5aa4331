"""Answers of headless grading in the forms of the systems that courses use."""
