"""What needs no training, and the straight line: made of a task's data by rules, with numpy."""
