"""Where the text of a setting comes from: the environment, the configuration file, or the default.

The file is TOML (https://toml.io, version 1.0) with one key for each setting: `relay` for `MISARMAIL_RELAY`. A variable of the environment
has precedence over the file, for containers.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

PREFIX = "MISARMAIL_"
CONFIG = f"{PREFIX}CONFIG"  # names the file; not a setting itself, because the settings are in it
STATE = f"{PREFIX}STATE"
FILE_NAME = "misarmail.toml"
ENVIRONMENT, DEFAULT = "environment", "default"


class SettingText(NamedTuple):
    """The text of a setting, and `environment`, `default` or the path of the configuration file."""

    text: str
    source: str


def read(environ: Mapping[str, str], variables: Collection[str], default_state: str) -> dict[str, SettingText]:
    """The texts that are set, by variable. An empty variable of the environment is not set.

    Raises ValueError with a sentence for an unknown name or an unusable file.
    """
    for variable in environ:
        if variable.startswith(PREFIX) and variable != CONFIG and variable not in variables:
            raise ValueError(f"{variable} is not a setting{_hint(variable, variables)}")
    path = config_path(environ, default_state)
    texts = {} if path is None else _file_texts(path, variables, is_in_state=CONFIG not in environ)
    set_here = {name: SettingText(environ[name].strip(), ENVIRONMENT) for name in variables if environ.get(name, "").strip()}
    return texts | set_here


def config_path(environ: Mapping[str, str], default_state: str) -> Path | None:
    """The configuration file: the one that MISARMAIL_CONFIG names, or `misarmail.toml` in the state folder, if there is one."""
    if named := environ.get(CONFIG, "").strip():
        return Path(named).absolute()
    path = Path(environ.get(STATE, "").strip() or default_state).absolute() / FILE_NAME
    return path if path.exists() else None


def _file_texts(path: Path, variables: Collection[str], *, is_in_state: bool) -> dict[str, SettingText]:
    keys = {variable.removeprefix(PREFIX).lower(): variable for variable in variables}
    texts = {}
    for key, value in _loaded(path).items():
        if key not in keys:
            raise ValueError(f"{path}: {key!r} is not a setting{_hint(key, keys)}")
        if is_in_state and keys[key] == STATE:
            raise ValueError(f"{path}: 'state' cannot be set in the file of the state folder; name the file with --config")
        texts[keys[key]] = SettingText(_text(path, key, value), str(path))
    return texts


def _loaded(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"The configuration file {path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not a TOML file: {error}") from error


def _text(path: Path, key: str, value: object) -> str:
    """The text that the environment would have: `true` is `on`, an array is separated by commas."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    if isinstance(value, str | int | float):
        return str(value).strip()
    raise ValueError(f"{path}: {key!r} must be a string, a number, true, false or an array of strings")


def _hint(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else ""
