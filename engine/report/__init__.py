"""Reports for a browser and for print: what is known as plain data in, one HTML text out."""
