"""What a grade is made of, drawn in cells: for the review screen and for the command line."""
