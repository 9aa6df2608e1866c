"""Who may have something done: the tab's own page alone."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tb_histinsight.routes.answer import JSON, RequestError

TOKEN_HEADER = "X-Histinsight-Token"


@dataclass(frozen=True)
class Sender:
    """Who asks, as far as the request tells."""

    origin: str | None
    host: str
    media_type: str
    token: str


def check(sender: Sender, token: str) -> None:
    """Lets nobody in but the tab itself: not another page that the reader has open in the same browser.

    Raises:
      RequestError: it is somebody else.
    """
    if sender.media_type != JSON:
        raise RequestError(415, f"This is sent as {JSON}.")
    origin = urlsplit(sender.origin or "")
    if origin.scheme not in ("http", "https") or not origin.netloc or origin.netloc.lower() != sender.host.lower():
        raise RequestError(403, "This is taken from TensorBoard's own page alone (Origin and Host differ).")
    if not hmac.compare_digest(sender.token.encode(), token.encode()):
        raise RequestError(403, f"The {TOKEN_HEADER} is not that of this TensorBoard. Load the page again.")


def decoded(body: bytes) -> dict[str, Any]:
    """The JSON object that was sent.

    Raises:
      RequestError: it is none.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError(400, "This is not JSON.") from None
    if not isinstance(said, dict):
        raise RequestError(400, "What is sent must be a JSON object.")
    return said
