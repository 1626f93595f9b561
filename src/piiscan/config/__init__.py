"""Strict loader of files that people write: YAML and TOML, validated by pydantic.

An error names file, line, field and remedy. Rules that come with the program are validated when it
is built, so that finding imports no pydantic.
"""
