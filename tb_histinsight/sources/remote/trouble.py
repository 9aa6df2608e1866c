"""What is wrong with another machine, in a sentence, whatever library says it in its own way.

What libraries say is not repeated: it may hold signed addresses and keys.
"""

from __future__ import annotations

import enum
import errno
import socket
from collections.abc import Iterator
from typing import Any

from tb_histinsight.core.errors import InsightError, NothingToReadError
from tb_histinsight.sources.remote.address import Address


class RemoteError(InsightError):
    """A log on another machine cannot be read."""


class NotThereError(RemoteError, NothingToReadError):
    """There is no such log on the other machine (yet, or any more)."""


class Trouble(enum.Enum):
    """Kinds of trouble; those that come first explain those that come later."""

    CREDENTIALS = "no credentials were found"
    PERMISSION = "permission denied"
    TIME_OUT = "no answer in time"
    UNKNOWN_HOST = "no such machine"
    TLS = "the certificate is not trusted"
    REFUSED = "connection refused"
    BUSY = "the server failed"
    MISSING = "no such file or folder"
    FULL = "the disk of the cache is full"
    CHANGED = "it changed while it was read"
    OTHER = "it cannot be read"


class UnreadableError(OSError):
    """One file cannot be read; `strerror` is the clause that says why."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(errno.EIO, trouble.value)
        self.trouble = trouble


ADVICE = {
    "s3": "AWS_PROFILE, AWS_ACCESS_KEY_ID, or `aws configure` (docs/remote.md)",
    "gs": "`gcloud auth application-default login`, or GOOGLE_APPLICATION_CREDENTIALS",
    "hdfs": "`kinit`, and HADOOP_CONF_DIR",
    "https": "the address may have expired",
}
"""Where each protocol's library looks for credentials."""
SAME = {"s3a": "s3", "gcs": "gs", "http": "https", "viewfs": "hdfs", "webhdfs": "hdfs"}

_BY_NAME = {
    Trouble.CREDENTIALS: {
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
        "SSOTokenLoadError",
        "UnauthorizedSSOTokenError",
        "TokenRetrievalError",
        "DefaultCredentialsError",
        "RefreshError",
    },
    Trouble.TIME_OUT: {"ConnectTimeoutError", "ReadTimeoutError", "TimeoutError", "Timeout"},
    Trouble.UNKNOWN_HOST: {"ClientConnectorDNSError"},
    Trouble.TLS: {"ClientConnectorCertificateError", "SSLCertVerificationError"},
    Trouble.REFUSED: {
        "EndpointConnectionError",
        "ClientConnectorError",
        "ServerDisconnectedError",
        "ClientOSError",
        "ConnectionClosedError",
        "SSLError",
    },
}
"""Names of exceptions, or of what these are derived from, of aiohttp, botocore, google-auth and requests, none of which
is imported here."""
_BY_CODE = {
    "InvalidAccessKeyId": Trouble.PERMISSION,
    "SignatureDoesNotMatch": Trouble.PERMISSION,
    "ExpiredToken": Trouble.PERMISSION,
    "InvalidToken": Trouble.PERMISSION,
    "AccessDenied": Trouble.PERMISSION,
    "NoSuchBucket": Trouble.MISSING,
    "NoSuchKey": Trouble.MISSING,
    "SlowDown": Trouble.BUSY,
}
"""Error codes of S3"""


def trouble_of(error: BaseException) -> Trouble:
    """The kind of trouble that an exception, or one that it was raised from, speaks of."""
    found = {kind for one in _chain(error) if (kind := _kind(one)) is not None}
    return next((kind for kind in Trouble if kind in found), Trouble.OTHER)


def told(error: BaseException, address: Address) -> RemoteError:
    """What to tell a user who wanted to read an address."""
    trouble = error.trouble if isinstance(error, UnreadableError) else trouble_of(error)
    kind = NotThereError if trouble is Trouble.MISSING else RemoteError
    return kind(_sentence(trouble, error, address))


def _sentence(trouble: Trouble, error: BaseException, address: Address) -> str:
    protocol = SAME.get(address.protocol, address.protocol)
    credentials = ADVICE.get(protocol, "see docs/remote.md")
    said = {
        Trouble.CREDENTIALS: f"{address} needs credentials, and none were found: {credentials}.",
        Trouble.PERMISSION: f"No permission to read {address}. Check the credentials: {credentials}.",
        Trouble.TIME_OUT: f"{address} did not answer in time. Try again, or set TB_HISTINSIGHT_TIMEOUT (seconds).",
        Trouble.UNKNOWN_HOST: f"The machine of {address} is not known. Check the address, and the network.",
        Trouble.REFUSED: f"No connection to {address}. Is its server running, and the endpoint the right one?",
        Trouble.TLS: f"The certificate of {address} is not trusted. Set SSL_CERT_FILE to the authority that signed it.",
        Trouble.BUSY: f"The server of {address} reports an error of its own. Try again later.",
        Trouble.MISSING: f"{address} does not exist. Check the {_first_part(protocol)} and the path; they are "
        "case-sensitive.",
        Trouble.FULL: "The disk of the cache is full. Set TB_HISTINSIGHT_CACHE to a folder with more room, or read "
        "less with --run.",
        Trouble.CHANGED: f"{address} changed while it was read. Try again.",
        Trouble.OTHER: f"{address} cannot be read ({_name(error)}). Can its own tools read it?",
    }
    return said[trouble]


def _first_part(protocol: str) -> str:
    return "bucket" if protocol in ("s3", "gs") else "machine"


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def _kind(error: Any) -> Trouble | None:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    by_name = next((kind for kind, names in _BY_NAME.items() if kinds & names), None)
    response = getattr(error, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    status = getattr(error, "status", None) or getattr(error, "code", None)
    if isinstance(error, PermissionError):
        return Trouble.PERMISSION
    if code in _BY_CODE:
        return _BY_CODE[code]
    if isinstance(status, int) and status >= 400:
        return _of_status(status)
    if isinstance(error, TimeoutError):
        return Trouble.TIME_OUT
    if isinstance(error, socket.gaierror):
        return Trouble.UNKNOWN_HOST
    if by_name is not None:
        return by_name
    if isinstance(error, ConnectionError):
        return Trouble.REFUSED
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return Trouble.FULL
    return Trouble.MISSING if isinstance(error, FileNotFoundError) else None


def _of_status(status: int) -> Trouble | None:
    if status in (401, 403, 407):
        return Trouble.PERMISSION
    if status in (404, 410):
        return Trouble.MISSING
    if status in (408, 504):
        return Trouble.TIME_OUT
    return Trouble.BUSY if status in (429,) or status >= 500 else None


def _name(error: BaseException) -> str:
    return type(error).__name__
