"""Documents: docx, pptx, odt, odp, and their forms as one XML file."""
