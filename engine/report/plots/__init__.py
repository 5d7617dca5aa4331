"""One module for each kind of picture: numbers in, a `Drawing` out."""
