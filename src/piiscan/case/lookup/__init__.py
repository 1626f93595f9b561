"""Look-up: find values, masked values and endings in the findings of a finished case."""
