"""Open-Meteo as a test wants it, on this machine: the weather's real client asks it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

OSLO = {
    "results": [{"name": "Oslo", "latitude": 59.91273, "longitude": 10.74609, "country": "Norway", "elevation": 26.0}]
}
FORECAST = {
    "current": {"time": "2026-05-04T14:15", "temperature_2m": 4.4, "weather_code": 61},
    "daily": {"temperature_2m_min": [1.6, -0.4], "temperature_2m_max": [6.2, 5.0], "weather_code": [3, 71]},
}


class WeatherServer:
    """`answers` are bodies by path, as JSON if they are no bytes."""

    def __init__(self):
        self.answers = {"/v1/search": OSLO, "/v1/forecast": FORECAST}
        self.status, self.queries = 200, []
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self._thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def environment(self):
        """What makes an agent ask this server."""
        return {
            "OPEN_METEO_GEOCODING_URL": f"{self.url}/v1/search",
            "OPEN_METEO_FORECAST_URL": f"{self.url}/v1/forecast",
        }

    def close(self):
        self.go_on.set()
        self.http.shutdown()
        self.http.server_close()
        self._thread.join()

    def _handler(server):  # noqa: N805 - the handler's self is another
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                address = urlsplit(self.path)
                server.queries.append((address.path, {key: value for key, (value,) in parse_qs(address.query).items()}))
                server.asked.set()
                server.go_on.wait()
                answer = server.answers[address.path]
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                try:
                    self.send_response(server.status)
                    self.send_header("Content-Length", str(len(body) + server.answers.get("missing bytes", 0)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # nobody waits any more

            def log_message(self, *_):
                """Nothing on the screen."""

        return Handler
