"""What libraries raise, by what it means."""

import asyncio
import socket
import ssl

import pytest

from tb_histinsight import NothingToReadError
from tb_histinsight.sources.remote.address import Address
from tb_histinsight.sources.remote.trouble import Trouble, told, trouble_of


def called(name, *bases, **fields):
    """An exception of a library that is not installed."""
    return type(name, bases or (Exception,), fields)()


def caused(error, cause):
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (asyncio.TimeoutError(), Trouble.TIME_OUT),
        (TimeoutError(), Trouble.TIME_OUT),
        (called("FSTimeoutError", asyncio.TimeoutError), Trouble.TIME_OUT),
        (called("SocketTimeoutError", type("ServerTimeoutError", (asyncio.TimeoutError,), {})), Trouble.TIME_OUT),
        (ConnectionResetError(), Trouble.REFUSED),
        (called("ClientConnectorError", OSError), Trouble.REFUSED),
        (ssl.SSLError("wrong version number"), Trouble.REFUSED),
        (ssl.SSLCertVerificationError(), Trouble.TLS),
        (socket.gaierror(-2, "unknown"), Trouble.UNKNOWN_HOST),
        (called("ClientConnectorDNSError", type("ClientConnectorError", (OSError,), {})), Trouble.UNKNOWN_HOST),
        (PermissionError(), Trouble.PERMISSION),
        (called("NoCredentialsError"), Trouble.CREDENTIALS),
        (called("ClientError", response={"Error": {"Code": "ExpiredToken"}}), Trouble.PERMISSION),
        (called("ClientError", response={"Error": {"Code": "NoSuchBucket"}}), Trouble.MISSING),
        (called("ClientResponseError", status=403), Trouble.PERMISSION),
        (called("HttpError", code=404), Trouble.MISSING),
        (called("HttpError", code=503), Trouble.BUSY),
        (caused(FileNotFoundError(), ConnectionRefusedError()), Trouble.REFUSED),
        (caused(FileNotFoundError(), called("ClientResponseError", status=401)), Trouble.PERMISSION),
        (OSError(28, "No space left on device"), Trouble.FULL),
        (ValueError("https://host?SECRET"), Trouble.OTHER),
    ],
    ids=lambda value: value.name if isinstance(value, Trouble) else type(value).__name__,
)
def test_kinds_of_trouble(error, trouble):
    assert trouble_of(error) is trouble
    said = told(error, Address("s3://me:SECRET@bucket/logs?SECRET"))
    assert "SECRET" not in str(said)
    assert isinstance(said, NothingToReadError) == (trouble is Trouble.MISSING)
    assert str(said).endswith((".", "?"))


def test_an_exception_that_was_raised_from_itself_ends():
    error = ValueError()
    error.__cause__ = caused(KeyError(), error)
    assert trouble_of(error) is Trouble.OTHER
