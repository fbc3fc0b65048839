"""Models of the contract. Written by `contract generate`; edit the document instead."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import UNSET, Struct, UnsetType

Json: TypeAlias = Any


Nested: TypeAlias = Any


Ping: TypeAlias = Any


Pong: TypeAlias = list[Ping]


class Canvas(Struct, kw_only=True, tag_field="type", tag="canvas"):
    children: list[Node] | UnsetType = UNSET


class Frame(Struct, kw_only=True, tag_field="type", tag="frame"):
    children: Nodes | UnsetType = UNSET


Node: TypeAlias = Frame | Canvas


Nodes: TypeAlias = list[Node]


class Owner(Struct, kw_only=True):
    trees: list[Tree] | UnsetType = UNSET


Sheet: TypeAlias = Owner


class Tree(Struct, kw_only=True):
    children: list[Tree] | UnsetType = UNSET
    by_name: dict[str, Tree] | UnsetType = UNSET
    owner: Owner | UnsetType = UNSET


class Page(Owner, kw_only=True):
    page: int | UnsetType = UNSET


class Child(Tree, kw_only=True):
    parent: Child | UnsetType = UNSET
