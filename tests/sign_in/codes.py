"""An authenticator app, by the standard and not by the library that is tested."""

import base64
import hmac
import time


def code_now(secret: str, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or so many half minutes from now (RFC 6238)."""
    moment = (int(time.time()) // 30 + steps).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), moment, "sha1")
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
