"""Desktop OCR: documents into text, tables and searchable PDFs on the user's own machine."""

__version__ = "0.1.0"
