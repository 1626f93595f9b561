"""Explanations of a count: the step that a record reached, why, and which sources have it."""
