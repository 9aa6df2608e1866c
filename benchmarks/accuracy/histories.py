"""placeholder"""


def run(score, first_seed, quick=False):
    """Nothing yet."""
