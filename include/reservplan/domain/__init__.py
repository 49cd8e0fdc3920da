"""The words of the product as values and pure functions: no input, no output, no clock."""
