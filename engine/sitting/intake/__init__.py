"""Takes models from the workspace: finds a file, waits until it is complete, freezes it."""
