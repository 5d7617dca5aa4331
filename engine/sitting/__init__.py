"""One candidate's work on one paper: events, journal, state, files, proctor."""
