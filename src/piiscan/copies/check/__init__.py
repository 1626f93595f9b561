"""Check of the copies by their bytes alone; it shares no reader with the code that writes them."""
