"""Answers where the Web UI would."""

import os
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answer(BaseHTTPRequestHandler):
    """200 for whatever is asked."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()


HTTPServer(("", int(os.environ["TEMPORAL_UI_PORT"])), Answer).serve_forever()
