"""What has to be installed for a protocol."""

from __future__ import annotations

import importlib.util

PACKAGES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "http": "aiohttp",
    "https": "aiohttp",
    "hdfs": "pyarrow",
    "viewfs": "pyarrow",
    "arrow_hdfs": "pyarrow",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
    "adl": "adlfs",
    "oss": "ossfs",
    "oci": "ocifs",
    "hf": "huggingface_hub",
    "sftp": "paramiko",
    "ssh": "paramiko",
    "webhdfs": "requests",
    "smb": "smbprotocol",
}
"""By protocol; fsspec itself brings the others."""
EXTRA = "tb-histinsight[remote]"


def missing_package(protocol: str) -> str | None:
    """What `pip install` is to be told so that a protocol can be used; None where nothing is missing."""
    if importlib.util.find_spec("fsspec") is None:
        package = PACKAGES.get(protocol)
        return f"'{EXTRA}'" if package is None else f"'{EXTRA}' {package}"
    package = PACKAGES.get(protocol)
    return package if package is not None and importlib.util.find_spec(package) is None else None
