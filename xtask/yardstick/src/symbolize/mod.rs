//! From addresses to normalised, trimmed stacks of function names.
