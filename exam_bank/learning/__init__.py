"""What can be learnt from a task: the skills it tests, and its hints."""
