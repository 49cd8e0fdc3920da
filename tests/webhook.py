"""A receiver of webhooks on this machine that keeps what it is given."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from servers.ports import HOST

# Stands in the address, as the key of a service does.
KEY = "hemlig-nyckel-4711"


class Webhook:
    """Keeps each body; the first `faults` are answered with 500."""

    def __init__(self, faults: int = 0) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.asked = 0
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                webhook.asked += 1
                is_taken = webhook.asked > faults
                if is_taken:
                    webhook.bodies.append(json.loads(body))
                self.send_response(200 if is_taken else 500)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def address(self) -> str:
        """Where apprise finds it."""
        return f"json://{HOST}:{self._server.server_port}/{KEY}"

    def connection_json(self, *more: str) -> str:
        """A connection of Airflow that leads here, and to more services, for AIRFLOW_CONN_…."""
        config = [{"path": address} for address in (self.address, *more)]
        return json.dumps({"conn_type": "apprise", "extra": {"config": config}})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
