"""Tables of a count: ladder, reasons, units, elements, conflicts, transactions."""
