"""The environment that the pages' templates are compiled in."""

from __future__ import annotations

import threading
from typing import Any

from flask.templating import Environment
from typing_extensions import override

COMPILING = threading.Lock()


class TemplateEnvironment(Environment):
    """Compiles one template at a time.

    CPython 3.11 counts the depth of syntax trees for all threads together: two that compile at the same time can fail with SystemError.
    """

    @override
    def compile(self, *args: Any, **options: Any) -> Any:
        with COMPILING:
            return super().compile(*args, **options)
