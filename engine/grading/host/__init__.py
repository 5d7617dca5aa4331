"""Our side of grading: starts and supervises children, and turns what happens into verdicts."""
