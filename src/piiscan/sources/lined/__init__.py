"""Lines of running text: their kinds, and the records that several of them make."""
