"""Log lines carry paths and ids, never what was searched for or typed."""

import logging
import re

QUERY = re.compile(r"\?[^\s\"']*")


class WithoutQueryStrings(logging.Filter):
    """Cuts query strings out of every line (a search for a surname must not reach a log)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = QUERY.sub("", record.getMessage())
        record.args = ()
        return True
