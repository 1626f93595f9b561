"""Plugin for pydantic: Presidio's configuration files may name piiscan's recognizers.

Presidio looks for recognizer classes among those imported, and validates a configuration file
before anything that it names is imported. Its model is pydantic's, which loads this plugin.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

#: Presidio's model of a configuration file.
MODEL: Final = "RecognizerRegistryConfig"


class _ImportRecognizers:
    """Event handler of one model, called before it validates."""

    def on_enter(self, *_: object, **__: object) -> None:
        """Import piiscan's recognizers."""
        import_module("piiscan.presidio")


class Plugin:
    """Plugin that imports piiscan's recognizers when Presidio reads a configuration."""

    def new_schema_validator(
        self, schema: object, schema_type: object, schema_type_path: Any, *_: object
    ) -> tuple[_ImportRecognizers | None, None, None]:
        """Return the event handlers of a model: for Python, JSON and strings."""
        del schema, schema_type
        return _ImportRecognizers() if schema_type_path.name == MODEL else None, None, None


plugin: Final = Plugin()
