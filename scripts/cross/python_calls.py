"""The calls of a table by the generated Python package, in process: with dictionaries, with models, and asynchronously."""

from __future__ import annotations

import asyncio
import importlib
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
from call_table import File, PlannedCall
from recording import HEADER

from contract.openapi.references import Json
from contract.runtime.application import Wsgi
from contract.sdk import python
from contract.sdk.plan import SdkPlan, plan
from contract.sdk.python_generator.methods import Method
from contract.sdk.python_generator.models import Names
from contract.sdk.python_generator.text import method_name


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a call: a value, an API error (`status`, `value`), a refusal before the request, or a failure."""

    kind: str  # result, error, refused, failure
    value: Any = None
    status: int = 0
    text: str = ""


class WsgiTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """An application as a transport that passes on the path as it was sent. `call` tells the calls apart."""

    def __init__(self, application: Wsgi) -> None:
        self._application = application
        self.call = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The response of the application."""
        return self._respond(request, request.read())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The same for an asynchronous client."""
        return self._respond(request, await request.aread())

    def _respond(self, request: httpx.Request, body: bytes) -> httpx.Response:
        raw_path, _, query = request.url.raw_path.partition(b"?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "PATH_INFO": unquote_to_bytes(raw_path).decode("latin-1"),
            "RAW_URI": raw_path.decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SCRIPT_NAME": "",
            "wsgi.input": BytesIO(body),
            "wsgi.input_terminated": True,
        }
        for name, value in {**request.headers, HEADER: self.call}.items():
            key = name.upper().replace("-", "_")
            environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
        environ["CONTENT_LENGTH"] = str(len(body))
        started: list[tuple[str, list[tuple[str, str]]]] = []
        content = b"".join(self._application(environ, lambda status, headers, *_: started.append((status, headers))))
        status, headers = started[-1]
        return httpx.Response(int(status[:3]), headers=headers, content=content, request=request)


class PythonCalls:
    """The generated package of a document. `omissions` is what it does not carry."""

    def __init__(self, bundle: Json, folder: Path, name: str) -> None:
        self.omissions = python.write(bundle, folder, name)
        sdk_plan = plan(bundle, name)
        _, methods, _ = python.modules(bundle, sdk_plan)
        self._methods: dict[str, Method] = {method.sdk.operation.id: method for method in methods}
        self._plan = sdk_plan
        sys.path.insert(0, str(folder))
        self.package = importlib.import_module(sdk_plan.package)
        for module in ("models", "errors", "client", "multipart", "values", "streams", "decoding"):
            importlib.import_module(f"{sdk_plan.package}.{module}")

    def module(self, name: str) -> Any:
        """A module of the package."""
        return importlib.import_module(f"{self._plan.package}.{name}")

    def run(self, calls: Iterable[PlannedCall], application: Wsgi, base: str, client: str) -> dict[int, Outcome]:
        """The outcome of each call, by number."""
        transport = WsgiTransport(application)
        options = {**credentials(self._plan), "retries": self.package.Retries(attempts=1), "transport": transport}
        api = self.package.Client(f"http://server{base}", **options)
        other = self.package.AsyncClient(f"http://server{base}", **options)
        outcomes = {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for call in calls:
                transport.call = f"{client} {call.number}"
                outcomes[call.number] = self._outcome(call, other if client.endswith("async") else api, client)
        return outcomes

    def _outcome(self, call: PlannedCall, api: Any, client: str) -> Outcome:
        errors = self.module("problems")
        try:
            if client.endswith("async"):
                return Outcome("result", asyncio.run(self._called_async(call, api)))
            return Outcome("result", self._collected(self._called(call, api, client)))
        except errors.ApiError as error:
            return Outcome("error", error.body, error.status, type(error).__name__)
        except errors.InvalidArgumentError as error:
            return Outcome("refused", text=f"{type(error).__name__}: {error}")
        except errors.SdkError as error:
            return Outcome("failure", text=f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - every other exception is a fault of the client
            return Outcome("failure", text=f"{type(error).__name__}: {error}")

    def _called(self, call: PlannedCall, api: Any, client: str) -> Any:
        method = self._methods[call.operation.id]
        group = getattr(api, method.sdk.group)
        name = method_name(method.sdk.name)
        if call.answer.is_stream and method.plain:
            name = f"stream_{name}"
        keywords = {
            argument.name: call.arguments[key]
            for argument in method.arguments
            if (key := (argument.parameter.location, argument.parameter.name)) in call.arguments
        }
        if call.media_type is not None and method.body is not None:
            is_model = client.endswith("models")  # models have the canonical names only
            body = self._files(call.expected if is_model else call.body)
            keywords["body"] = self._model(method, body) if is_model else body
            if method.body.content_type:
                keywords["content_type"] = call.media_type
        return getattr(group, name)(**keywords)

    async def _called_async(self, call: PlannedCall, api: Any) -> Any:
        value = await self._called(call, api, "python async")
        if isinstance(value, self.module("streams").AsyncStream):
            return [self._plain(item) async for item in value]
        return self._plain(value)

    def _collected(self, value: Any) -> Any:
        return [self._plain(item) for item in value] if isinstance(value, self.module("streams").Stream) else self._plain(value)

    def _plain(self, value: Any) -> Any:
        return self.module("values").plain(value)

    def _files(self, value: Any) -> Any:
        if isinstance(value, File):
            return self.module("multipart").File(value.content, headers=value.headers)
        return {name: self._files(each) for name, each in value.items()} if isinstance(value, dict) else value

    def _model(self, method: Method, body: Any) -> Any:
        """The body as a model of its type."""
        assert method.body is not None
        group = self.module(f"groups.{method.sdk.group}")
        names = Names({})
        text = names.read(method.body.annotation).replace("Sequence[", "list[").replace("Mapping[", "dict[")
        type_ = eval(text, {**vars(self.module("types")), "models": self.module("models"), **vars(group)})  # noqa: S307 - an annotation that was just generated
        return self.module("decoding").convert(body, type_)


def credentials(sdk_plan: SdkPlan) -> dict[str, Any]:
    """A credential for every scheme, as keywords of a client."""
    return {scheme.argument: ("ada", "secret") if scheme.is_pair else "secret" for scheme in sdk_plan.schemes}
