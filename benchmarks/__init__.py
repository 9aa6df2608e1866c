"""Measurements of the product; none of them is needed at run time."""
