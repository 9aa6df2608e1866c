"""How long it takes to read a log: this project's reader, TensorBoard's two loaders, and others that are installed."""
