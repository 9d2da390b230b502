"""The web server. Access lines carry the method, the path and the answer: no query, no referrer, no token."""

import os
import re

from gunicorn.glogging import Logger

TOKEN = re.compile(r"/[A-Za-z0-9_:-]{22,}(?=/|$)")
REFERENCE = re.compile(r"^/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def without_tokens(path: str) -> str:
    """The path with long random parts (one-use links) cut out; row ids stay: they open nothing by themselves."""
    return TOKEN.sub(lambda part: part.group() if REFERENCE.match(part.group()) else "/-", path)


class PathLogger(Logger):
    def atoms(self, resp, req, environ, request_time):  # type: ignore[no-untyped-def]
        atoms = super().atoms(resp, req, environ, request_time)
        atoms["U"] = without_tokens(atoms["U"] or "")
        return atoms


bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = 4
timeout = 60
graceful_timeout = 15
accesslog = "-"
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
logger_class = PathLogger
control_socket_disable = True  # one portal must not be told to stop through another's socket
