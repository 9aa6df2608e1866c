"""What the tab's routes answer, in plain values: no HTTP, no TensorBoard. One file per route."""
