"""TensorBoard's message definitions, imported only when a record needs them."""

from __future__ import annotations

from typing import Any


def parse_event(record: bytes) -> Any:
    """The Event message of a record.

    Raises:
      ValueError: the bytes are no Event.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.event_pb2 import Event

    try:
        return Event.FromString(record)
    except DecodeError as error:
        raise ValueError(str(error)) from error


def parse_histogram(message: bytes) -> Any:
    """The HistogramProto of these bytes.

    Raises:
      ValueError: they are none.
    """
    from google.protobuf.message import DecodeError
    from tensorboard.compat.proto.summary_pb2 import HistogramProto

    try:
        return HistogramProto.FromString(message)
    except DecodeError as error:
        raise ValueError(str(error)) from error
