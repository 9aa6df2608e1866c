"""What is written to a terminal: characters, their widths, colours, tables."""
