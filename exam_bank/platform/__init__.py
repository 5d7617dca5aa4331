"""What differs between Linux, macOS and Windows, and a fault of Python's that we work around.

No other module asks which system it runs on, except the sandbox, which only Linux has. The
room is on the lowest floor because all three need it: data makers are killed by process
group just like grading children, and data sets are flushed to disk just like journals.

Each module covers one concern: `disk`, `processes`, `forks`, `limits`, `kernel`,
`open_writers`, `clocks`, `terminal`, `desktop`, `thread_start`. If a system cannot do
something, the function does the next best thing, and its docstring says so.
"""
