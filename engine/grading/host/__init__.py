"""Our side of grading: starts children, supervises them, and turns what happens into verdicts."""
