"""Shapes and changes of the tensors of real trainings, with the raw tensors as the truth."""
