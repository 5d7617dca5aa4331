"""Takes models from the workspace: sees a file, waits until it is complete, freezes it."""
