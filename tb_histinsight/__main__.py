"""Lets `python -m tb_histinsight` do what the `tb-histinsight` command does."""

import sys

from tb_histinsight.cli import main

if __name__ == "__main__":
    sys.exit(main())
