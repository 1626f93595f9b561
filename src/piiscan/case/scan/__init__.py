"""The line from inputs to a finished case."""
