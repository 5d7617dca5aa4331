"""What holds for every test: properties are checked without a time limit for each example."""

from hypothesis import settings

settings.register_profile("tfexam", deadline=None)
settings.load_profile("tfexam")
