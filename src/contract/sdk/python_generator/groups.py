"""The modules of groups: a synchronous and an asynchronous class with a method for each operation of a tag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from contract.names import camel
from contract.sdk.paging import Paging
from contract.sdk.plan import SdkPlan, is_other_form
from contract.sdk.python_generator.methods import Method, MethodDeriver, Results, style_source
from contract.sdk.python_generator.models import docstring, model_names
from contract.sdk.python_generator.servers import default_url
from contract.sdk.python_generator.text import iterator_names, method_name
from contract.sdk.python_generator.types import Model

HEAD = """
from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from msgspec import UNSET, UnsetType
from typing_extensions import Unpack

from .. import models
from ..calls import AsyncCaller, Caller
from ..encoding import Style
from ..multipart import Part
from ..operation import NO_OPTIONS, Body, Call, Items, Operation, Options, Text
from ..pages import Ends, at, by_cursor, by_cursor_async, by_link, by_link_async, by_number, by_number_async, cursor_in, moved
from ..streams import AsyncDownload, AsyncStream, Download, Stream

if TYPE_CHECKING:
    from .. import dicts
    from ..types import BinaryContent, FileInput, JsonValue, TextContent
else:
    FileInput = JsonValue = Any
"""
PAGERS = {"page": "by_number", "offset": "by_number", "cursor": "by_cursor", "link": "by_link"}


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to call an operation: `name` is the method's, `constant` its entry in the table."""

    method: Method
    name: str
    constant: str
    results: Results
    is_download: bool = False


class GroupWriter:
    """Writes the module of a group."""

    def __init__(self, plan: SdkPlan, deriver: MethodDeriver, models: dict[str, Model]) -> None:
        self._plan = plan
        self._names = deriver.names
        self._models = models

    def module(self, title: str, class_name: str, methods: list[Method]) -> str:
        """The source of a group's module."""
        variants = list(_variants(methods))
        lines = [*docstring(f"The operations of `{title}`.", 0), HEAD]
        seen: set[str] = set()
        for variant in variants:
            if variant.constant not in seen:
                seen.add(variant.constant)
                lines += ["", *self._constant(variant)]
        for is_async in (False, True):
            lines += ["", *self._class(title, class_name, variants, is_async=is_async)]
        return "\n".join(lines) + "\n"

    def _constant(self, variant: Variant) -> Iterator[str]:
        method, results = variant.method, variant.results
        operation = method.sdk.operation
        type_ = "Any" if results.items else self._names.read(results.annotation)
        yield f"{variant.constant}: Operation[{type_}] = Operation("
        yield f"    {method.sdk.name!r}, {operation.method.upper()!r}, {operation.path!r},"
        yield f"    {{{', '.join(self._status(status, media) for status, media in results.entries.items())}}},"
        yield f"    accept={_accept(method, results)!r},"
        parameters = ", ".join(f"({argument.name!r}, {style_source(argument.style)})" for argument in method.arguments)
        yield f"    parameters=({parameters}{',' if len(method.arguments) == 1 else ''})," if parameters else ""
        if method.body:
            yield f"    bodies={{{', '.join(f'{name!r}: {entry}' for name, entry in method.body.entries.items())}}},"
        if security := self._security(method):
            yield f"    security={security!r},"
        if method.sdk.idempotency_header:
            yield f"    idempotency_header={method.sdk.idempotency_header!r},"
        if method.sdk.deprecated:
            yield f"    deprecated={method.sdk.deprecated!r},"
        if method.servers:
            yield f"    server={default_url(method.servers[0])!r},"
        yield ")"

    def _status(self, status: str, media: dict[str, str]) -> str:
        name = status if status == "default" else status.upper()
        return f"{name!r}: {{{', '.join(f'{media_type!r}: {self._names.read(entry)}' for media_type, entry in media.items())}}}"

    def _security(self, method: Method) -> tuple[tuple[str, ...], ...]:
        arguments = {scheme.name: scheme.argument for scheme in self._plan.schemes}
        alternatives = [tuple(arguments[name] for name in names if name in arguments) for names in method.sdk.operation.security]
        return tuple(dict.fromkeys(alternatives))

    def _class(self, title: str, class_name: str, variants: list[Variant], *, is_async: bool) -> Iterator[str]:
        prefix = "Async" if is_async else ""
        yield ""
        yield f"class {prefix}{class_name}:"
        yield from docstring(f"The operations of `{title}`.", 4)
        yield ""
        yield f"    def __init__(self, caller: {prefix}Caller) -> None:"
        yield "        self._caller = caller"
        taken = {variant.name for variant in variants}
        for variant in variants:
            yield ""
            yield from self._method(variant, is_async=is_async)
            name = next((each for each in iterator_names(variant.method.sdk.name) if each not in taken), None)
            if variant.method.sdk.paging and variant.results is variant.method.plain and not variant.is_download and name:
                lines = list(self._iterator(variant, name, variant.method.sdk.paging, is_async=is_async))
                taken |= {name} if lines else set()
                yield from lines

    def _method(self, variant: Variant, *, is_async: bool) -> Iterator[str]:
        method = variant.method
        returns = self._returns(variant, is_async=is_async)
        yield f"    {'async ' if is_async else ''}def {variant.name}({self._signature(method)}) -> {returns}:"
        yield from self._documentation(variant)
        call = (
            f"Call({{{', '.join(f'{argument.name!r}: {argument.name}' for argument in method.arguments)}}}{_body(method)}, options=options)"
        )
        function = "download" if variant.is_download else "send"
        text = f"{'await ' if is_async else ''}self._caller.{function}({variant.constant}, {call})"
        if variant.results.items and not variant.is_download:
            yield f"        result: {returns} = {text}"
            yield "        return result"
        elif returns == "None":
            yield f"        {text}"
        else:
            yield f"        return {text}"

    def _returns(self, variant: Variant, *, is_async: bool) -> str:
        prefix = "Async" if is_async else ""
        if variant.is_download:
            return f"{prefix}Download"
        if variant.results.items:
            return f"{prefix}Stream[{self._names.read(' | '.join(variant.results.types))}]"
        return self._names.read(variant.results.annotation)

    def _signature(self, method: Method, without: str | None = None) -> str:
        positional = [argument for argument in method.arguments if argument.style.location == "path"]
        keywords = [argument for argument in method.arguments if argument.style.location != "path" and argument.name != without]
        ordered = sorted(keywords, key=lambda argument: not argument.required)
        texts = [*map(self._names.write, (argument.source for argument in positional))]
        body = [self._names.write(method.body.source)] if method.body else []
        content_type = [f"content_type: {method.body.content_type} = None"] if method.body and method.body.content_type else []
        rest = [*map(self._names.write, (argument.source for argument in ordered)), *content_type, "options: Options = NO_OPTIONS"]
        return ", ".join(["self", *texts, *body, "*", *rest])

    def _documentation(self, variant: Variant) -> Iterator[str]:
        method = variant.method
        node = method.sdk.operation.node
        summary = str(node.get("summary") or "").strip()
        description = str(node.get("description") or "").strip()
        parts = [text for text in (f"{summary.rstrip('.')}." if summary else "", description) if text] or [f"Call `{method.sdk.name}`."]
        if variant.is_download:
            parts.append("The content is read in chunks: use the result in a `with` statement.")
        if method.sdk.deprecated:
            parts.append(f"Deprecated: {method.sdk.deprecated}.")
        arguments = [f"    {argument.name}: {_sentence(argument.description)}" for argument in method.arguments if argument.description]
        if method.body:
            arguments.append(f"    body: {_sentence(method.body.description) or 'The body of the request.'}")
        arguments.append("    options: Timeout, headers and query parameters of this call only.")
        parts.append("\n".join(["Args:", *arguments]))
        if raises := list(self._raises(method)):
            parts.append("\n".join(["Raises:", *raises]))
        yield from docstring("\n\n".join(parts), 8)

    def _raises(self, method: Method) -> Iterator[str]:
        by_status = {status.status: status.name for status in self._plan.errors.statuses}
        for status, response in method.sdk.operation.responses.items():
            name = by_status.get(status.upper() if status != "default" else status)
            if name and status not in method_statuses(method):
                yield f"    {name}: {_sentence(str(response.node.get('description', '')))}"

    def _iterator(self, variant: Variant, iterator: str, paging: Paging, *, is_async: bool) -> Iterator[str]:
        method = variant.method
        position = next(
            (argument for argument in method.arguments if _is_position(argument.style.name, argument.style.location, paging)), None
        )
        item = self._item_type(method, paging)
        is_number = paging.kind in {"page", "offset"}
        if item is None or (position is None and paging.kind != "link"):
            return
        if is_number and position is not None and paging.within is None and "int" not in position.annotation:
            return
        name = position.name if position is not None else ""
        yield ""
        returns = f"{'Async' if is_async else ''}Iterator[{self._names.read(item)}]"
        yield f"    def {iterator}({self._signature(method, None if paging.within else name)}) -> {returns}:"
        yield from docstring(f"All items of all pages of `{variant.name}`, which has the same arguments.", 8)
        yield f"        return {self._pager(variant, paging, name, is_async=is_async)}"

    def _pager(self, variant: Variant, paging: Paging, position: str, *, is_async: bool) -> str:
        suffix = "_async" if is_async else ""
        items = f"lambda page: at(page, {self._attributes(variant.method, paging.items)}) or ()" if paging.items else "lambda page: page"
        if paging.kind == "link":
            arguments = ", ".join(f"{argument.name!r}: {argument.name}" for argument in variant.method.arguments)
            fetch = f"lambda each: self._caller.send_with_headers({variant.constant}, Call({{{arguments}}}, options=each))"
            return f"by_link{suffix}({fetch}, {items}, options)"
        passed = [
            argument.name if argument.style.location == "path" else f"{argument.name}={_moved(argument.name, position, paging)}"
            for argument in sorted(variant.method.arguments, key=lambda each: each.style.location != "path")
        ]
        passed += ["body=body"] if variant.method.body else []
        fetch = f"lambda {'position' if paging.within else position}: self.{variant.name}({', '.join([*passed, 'options=options'])})"
        if paging.kind == "cursor":
            cursor = f"at(page, {self._attributes(variant.method, paging.cursor or ())})"
            cursor = f"cursor_in({cursor}, {paging.parameter!r})" if paging.is_cursor_in_link else cursor
            return f"by_cursor{suffix}({fetch}, {items}, lambda page: {cursor})"
        ends = ", ".join(
            f"{name}=lambda page: at(page, {self._attributes(variant.method, path)})"
            for name, path in (("total", paging.total), ("more", paging.more), ("last", paging.last))
            if path
        )
        return f"by_number{suffix}({fetch}, {items}, first={paging.first}, step={1 if paging.kind == 'page' else 0}, ends=Ends({ends}))"

    def _item_type(self, method: Method, paging: Paging) -> str | None:
        """The type of the items; None if the type of the response has no list there."""
        text = self._at(method.response_type.read, paging.items) if method.response_type else None
        if text is None:
            return None
        match = re.fullmatch(r"list\[(.*)\]", text, re.DOTALL)
        return match[1] if match else None

    def _attributes(self, method: Method, path: tuple[str, ...]) -> str:
        """The attributes on a path of names, as arguments."""
        text, attributes = method.response_type.read if method.response_type else "", []
        for name in path:
            model = self._model(text)
            field = model.attribute(name) if model else None
            attributes.append(field.attribute if field else name)
            text = field.type.read if field else ""
        return ", ".join(map(repr, attributes))

    def _at(self, text: str, path: tuple[str, ...]) -> str | None:
        for name in path:
            model = self._model(text)
            field = model.attribute(name) if model else None
            if field is None:
                return None
            text = field.type.read
        model = self._model(text)
        while model is not None and model.alias is not None:
            text = model.alias.read
            model = self._model(text)
        return text.removesuffix(" | None")

    def _model(self, text: str) -> Model | None:
        """The class that a type names, perhaps by an alias or with None."""
        plain = text.removesuffix(" | None")
        named = model_names(plain)
        if len(named) != 1 or len(plain) != len(named[0]) + 2:
            return None
        model = self._models[named[0]]
        return self._model(model.alias.read) if model.alias is not None and model_names(model.alias.read) else model


def method_statuses(method: Method) -> set[str]:
    """The statuses that have a result."""
    return {status for results in (method.plain, method.stream) if results for status in results.entries}


def _variants(methods: list[Method]) -> Iterator[Variant]:
    taken = {method_name(method.sdk.name) for method in methods}
    for method in methods:
        name, constant = method_name(method.sdk.name), f"_{method.sdk.name.upper()}"
        main = method.plain or method.stream
        assert main is not None
        yield Variant(method, name, constant, main)
        if method.plain and method.stream and (stream_name := f"stream_{name}") not in taken:
            yield Variant(method, stream_name, f"{constant}_STREAM", method.stream)
        if method.has_download and method.plain and (download_name := f"download_{name}") not in taken:
            yield Variant(method, download_name, constant, method.plain, is_download=True)


def _accept(method: Method, results: Results) -> str:
    """The media types of the results and of the errors, then any: some servers refuse types for which they have no renderer."""
    errors = [
        name
        for status, response in method.sdk.operation.responses.items()
        if status not in method_statuses(method)
        for name in response.content
    ]
    responses = method.sdk.operation.responses
    requested = (name for status, media in results.entries.items() for name in media if not is_other_form(responses[status], name))
    names = dict.fromkeys([*requested, *errors])
    return ", ".join([*names, *(["*/*;q=0.1"] if names and "*/*" not in names else [])]) or "*/*"


def _body(method: Method) -> str:
    if method.body is None:
        return ""
    return ", body=body" + (", content_type=content_type" if method.body.content_type else "")


def _sentence(text: str) -> str:
    return " ".join(text.split())


def _is_position(name: str, location: str, paging: Paging) -> bool:
    return location == "query" and name == (paging.within or paging.parameter)


def _moved(argument: str, position: str, paging: Paging) -> str:
    """The value of an argument of a page: its own, or with the position in it."""
    return f"moved({argument}, {paging.parameter!r}, position)" if paging.within and argument == position else argument


def class_name(group: str) -> str:
    """The class of a group."""
    return f"{camel(group)}Calls"
