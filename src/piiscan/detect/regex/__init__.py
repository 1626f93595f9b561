"""Regular expressions of rule files: syntax tree, backtracking check, prefilter, matching."""
