"""Validation of the software that made a case: known answers, toy cases, rates, a second scan."""
