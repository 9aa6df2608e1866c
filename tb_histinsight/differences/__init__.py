"""One run against another: which tensors belong together, at which steps, and how far apart they are.

Facts without thresholds and words; what is worth telling is decided by the rule `run-difference`.
"""
