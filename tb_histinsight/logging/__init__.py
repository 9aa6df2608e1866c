"""Writes histograms and scalars of a training in NumPy into TensorBoard's event files; no TensorFlow, no PyTorch."""
