"""The HTTP server: start, ready, stop, for any WSGI application, with one to hundreds of clients that stay connected.

One thread holds every connection, and answers what is whole and cannot block where it arrived; what can goes to workers
(`loop`, `workers`). llhttp reads HTTP (`requests`). What else there is, and why it is not used: docs/design/serving.md.
"""

from mockmkto.serving.listening import CannotServe, TlsFiles, tls_context
from mockmkto.serving.server import HttpServer, run_until_signal

__all__ = ["CannotServe", "HttpServer", "TlsFiles", "run_until_signal", "tls_context"]
