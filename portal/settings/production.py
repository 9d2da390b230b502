"""Production: the base as it is. Needs the environment that docs/operations.md lists."""

from portal.settings.base import *  # noqa: F403
