"""The unit's Excel workbook, out and in. Knows no database."""
