"""piiscan: personal information in seized Chinese data, found, located and counted."""
