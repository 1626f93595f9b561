"""Validation: canonical values of candidates, and the verdict of each check."""
