"""Log lines carry paths and ids, never what was searched for or typed."""

import logging
import re
import traceback
from types import TracebackType

QUERY = re.compile(r"\?[^\s\"']*")


class WithoutQueryStrings(logging.Filter):
    """Cuts query strings out of every line (a search for a surname must not reach a log)."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = QUERY.sub("", record.getMessage())
        record.args = ()
        return True


class WithoutValues(logging.Formatter):
    """An error is logged by its kind and by where it happened: its own words may quote what a case holds (T21)."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have written the error out in full already
        return super().format(record)

    def formatException(
        self, error: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        lines = []
        cause: BaseException | None = error[1]
        while cause is not None:
            lines += [
                *traceback.format_tb(cause.__traceback__),
                f"{type(cause).__module__}.{type(cause).__qualname__}",
            ]
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
            lines += ["\nwhich came from\n"] if cause else []
        return "".join(["Traceback (most recent call last)\n", *lines])
