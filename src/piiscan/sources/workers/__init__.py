"""Worker processes, and the frames of their messages."""
