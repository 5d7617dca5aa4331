"""Models as many versions of Keras saved them, with those versions' own predictions."""
