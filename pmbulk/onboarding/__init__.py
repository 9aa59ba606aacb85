"""From what HR has to rows of pmbulk's sheets: mapping, numbers, joiners and leavers. Knows neither PM nor workbooks' formats."""
