"""Works out from a configuration what a model costs: shapes, weights, memory, work."""
