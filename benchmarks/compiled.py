"""Has the package's byte code at hand, as it is where the package was installed."""

from __future__ import annotations

import compileall
import os
from pathlib import Path

import tb_histinsight


def compile_package() -> None:
    """Compiles what is not compiled yet; processes that are started from here on use it.

    pip compiles what it installs. In a checkout where Python may not write byte code (PYTHONDONTWRITEBYTECODE), every
    process would compile anew, which takes longer than to report on a small log.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    compileall.compile_dir(Path(tb_histinsight.__file__).parent, quiet=2)
