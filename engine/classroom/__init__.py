"""Many candidates' files graded together: who they are, one row for every file, the results."""
