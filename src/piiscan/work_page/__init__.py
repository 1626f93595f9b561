"""The page to work in: ``piiscan serve`` shows one case to one person on this machine."""
