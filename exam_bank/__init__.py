"""What is asked: tasks, papers and data sets.

The lowest floor: nothing here knows how an exam is sat, graded or shown.
"""
