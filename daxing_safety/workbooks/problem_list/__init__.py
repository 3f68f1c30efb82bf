"""问题整改清单: the district's problems as a workbook, out and in. Knows no database."""
