"""The listeners of one process, from the settings: opened and closed in order."""

from __future__ import annotations

import asyncio
from typing import Any

from contract.runtime.validators import Validators
from misarmail_server import document
from misarmail_server.db.store import Store
from misarmail_server.external.trusted_proxies import TrustedProxies
from misarmail_server.mail_server import listener_settings
from misarmail_server.mail_server.guards import BufferedBytes, ConnectionLimits, LoginFailures
from misarmail_server.mail_server.inbound import InboundHandler
from misarmail_server.mail_server.pool import WorkPool
from misarmail_server.mail_server.protocol import ListenerOptions, SmtpProtocol
from misarmail_server.mail_server.submission import Submission, SubmissionHandler
from misarmail_server.services import rate_limits
from misarmail_server.services.inbound_mail import InboundReceiver
from misarmail_server.setting_types.values import ListenAddress
from misarmail_server.settings import Settings


class Listeners:
    """The listeners of the settings. `ports` has them by name once they are open: `inbound`, `submission`."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._pool = WorkPool()
        self._room = BufferedBytes()
        self._receiver = InboundReceiver(settings, store)
        self._tls = listener_settings.tls_context(settings)
        self._servers: list[asyncio.Server] = []
        self.ports: dict[str, int] = {}

    async def open(self) -> None:
        """Listen. Raises BadSettingError for an address that is not available."""
        if self._settings.inbound_listen is not None:
            handler = InboundHandler(self._receiver, self._pool)
            await self._listen("inbound", self._settings.inbound_listen, self._common("inbound", handler))
        if self._settings.submission_listen is not None:
            await self._listen("submission", self._settings.submission_listen, self._submission())

    async def close(self) -> None:
        """Accept no more connections; reply to mails whose content has arrived, and end."""
        for server in self._servers:
            server.close()
        await asyncio.to_thread(self._pool.close)
        self._receiver.close()

    def _submission(self) -> ListenerOptions:
        bundle = document.bundle()
        limits = rate_limits.shared(self._settings, bundle["x-rate-limits"])
        submission = Submission(self._settings, self._store, limits, Validators(bundle))
        return self._common("submission", SubmissionHandler(submission, self._pool, LoginFailures()), takes_logins=True)

    def _common(self, name: str, handler: Any, *, takes_logins: bool = False) -> ListenerOptions:
        proxies = TrustedProxies(self._settings.trusted_proxies) if name in self._settings.proxy_protocol else None
        return ListenerOptions(self._settings, handler, ConnectionLimits(), self._room, self._tls, takes_logins, proxies)

    async def _listen(self, name: str, address: ListenAddress, common: ListenerOptions) -> None:
        loop = asyncio.get_running_loop()
        try:
            server = await loop.create_server(lambda: SmtpProtocol(common, loop), address.host, address.port)
        except (OSError, UnicodeError) as error:
            raise listener_settings.taken(name, address, error) from error
        self._servers.append(server)
        self.ports[name] = server.sockets[0].getsockname()[1]
