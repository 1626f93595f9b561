"""Presidio's analyzer as a server of Chinese rules, and a client that knows only its routes."""

import json
import os
import socket
import subprocess
import sys
import time
from urllib.request import Request, urlopen

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
home = f"http://127.0.0.1:{port}"
server = subprocess.Popen(
    [sys.executable, "-m", "piiscan.presidio.app"], env={**os.environ, "PORT": str(port)}
)


def ask(route: str, content: object = None) -> str:
    """Return the answer of the server; wait until it is up."""
    body = None if content is None else json.dumps(content).encode()
    for _ in range(600):
        try:
            with urlopen(Request(home + route, body, {"Content-Type": "application/json"})) as got:
                return got.read().decode()
        except ConnectionError:
            time.sleep(0.1)
        except OSError as error:  # urllib wraps a refused connection
            if server.poll() is not None:
                raise SystemExit("the server has ended") from error
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


try:
    print(ask("/health"))
    text = "收件人张三，电话138-0013-8000"
    found = json.loads(ask("/analyze", {"text": text, "language": "zh"}))
    for each in sorted(found, key=lambda each: each["start"]):
        print(each["entity_type"], text[each["start"] : each["end"]], round(each["score"], 2))
finally:
    server.terminate()
    server.wait()
