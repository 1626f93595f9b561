"""Disk images: media in pieces or containers, partitions, file systems and their files."""
