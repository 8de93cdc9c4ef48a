"""Settings from one file, `mingzhang.toml`: every option of every command may stand there.

```toml
data = "data"                       # for every command that has the option

[serve]                             # for one command
port = 8080
```

An option on the command line wins over an environment variable (`MINGZHANG_SERVE_PORT`), which wins over the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mingzhang.errors import SettingsError

SETTINGS_FILE = "mingzhang.toml"


def read_settings(path: Path, options: Mapping[str, frozenset[str]]) -> dict[str, dict[str, Any]]:
    """Command → option → value, for click. `options` names each command's options, as `base-uri`.

    Raises SettingsError for a file that is missing or no TOML, and for a name that no option has: a setting
    that is silently ignored is worse than none.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; check the name given with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: {error}; see https://toml.io for how to write it") from error
    shared = {name: value for name, value in raw.items() if not isinstance(value, dict)}
    every = frozenset[str]().union(*options.values())
    _refuse_unknown(path, "", shared, every)
    settings: dict[str, dict[str, Any]] = {}
    for command, names in options.items():
        settings[command] = {_parameter(name): value for name, value in shared.items() if name in names}
    for section, values in raw.items():
        if not isinstance(values, dict):
            continue
        if section not in options:
            raise SettingsError(f"{path}: no command {section!r}; known are {', '.join(sorted(options))}")
        _refuse_unknown(path, f"[{section}] ", values, options[section])
        settings[section] |= {_parameter(name): value for name, value in values.items()}
    return settings


def _refuse_unknown(path: Path, section: str, values: Mapping[str, Any], known: frozenset[str]) -> None:
    unknown = sorted(set(values) - known)
    if unknown:
        raise SettingsError(
            f"{path}: {section}{unknown[0]!r} is no setting; known are {', '.join(sorted(known))}"
        )


def _parameter(option: str) -> str:
    return option.replace("-", "_")
