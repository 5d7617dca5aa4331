"""What differs between Linux, macOS and Windows, and what Python does otherwise than we need it.

No other module asks which system it runs on; only the sandbox, which Linux alone has, looks
once more. The room is on the lowest floor because all three need it: data makers are killed
by group as grading children are, and data sets are flushed as journals are.

One module a concern: `disk`, `processes`, `forks`, `limits`, `kernel`, `open_writers`, `clocks`,
`terminal`, `desktop`, `thread_start`. Where a system cannot do something, its function does
what comes next best and says so in its docstring.
"""
