"""Pictures: pixels to lines of text with boxes, and barcodes; whoever imports it has the extra."""
