"""The command `serve`."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mingzhang.address import DEFAULT_HOST, DEFAULT_PORT, checked_base_uri, service_base_uri
from mingzhang.cli_options import Command, data_option
from mingzhang.errors import SettingsError
from mingzhang.progress import shown_progress
from mingzhang.publish import current_id
from mingzhang.release import Release, current_release
from mingzhang.sparql.options import MEBIBYTE, ServiceOptions

if TYPE_CHECKING:
    from mingzhang.sparql.connections import Credentials

# How many ports after a busy one are tried: enough for a laptop, few enough to notice that something is wrong.
PORTS_TRIED = 50
SECRET_VARIABLE = "MINGZHANG_ENDPOINT_SECRET"


_LIMITS = (
    ("timeout-s", click.FloatRange(min=0.1), ServiceOptions.timeout_s, "Limit of one query."),
    (
        "memory-mib",
        click.IntRange(min=64),
        ServiceOptions.memory_bytes // MEBIBYTE,
        "Memory limit of one query.",
    ),
    ("workers", click.IntRange(min=1), None, "Queries run at once.  [default: 4 a core, at least 12]"),
    ("queue-length", click.IntRange(min=0), ServiceOptions.queue_length, "Queries that may wait."),
    ("per-client", click.IntRange(min=1), ServiceOptions.per_client, "Queries of one client."),
    (
        "old-releases",
        click.IntRange(min=1),
        ServiceOptions.old_releases,
        "Old releases held in memory at once, for /releases/ID/sparql.",
    ),
    (
        "result-limit-mib",
        click.IntRange(min=1),
        ServiceOptions.result_limit_bytes // MEBIBYTE,
        "Size limit of one answer.",
    ),
)
"""Option, its type, its default and what it is. The names are those of ServiceOptions, sizes in MiB."""


def limit_options(command: Command) -> Command:
    """Adds the limits of the service to a command."""
    for name, kind, default, about in reversed(_LIMITS):
        option = click.option(
            f"--{name}", type=kind, default=default, show_default=default is not None, help=about
        )
        command = option(command)
    return command


def with_limits(limits: Mapping[str, float | None]) -> ServiceOptions:
    """The service's options with the limits given; what is not given stays as it is by default."""
    given: dict[str, Any] = {}
    for name, value in limits.items():
        if value is not None and name.endswith("_mib"):
            given[f"{name.removesuffix('_mib')}_bytes"] = int(value) * MEBIBYTE
        elif value is not None:
            given[name] = value
    return ServiceOptions(**given)


@click.command(
    epilog="""\b
Examples:
  mingzhang serve --data data --port 8000
  mingzhang serve --rdf graph.nq --port 8001
  mingzhang serve --endpoint https://engine.example.org/sparql --endpoint-secret-file token.txt
"""
)
@data_option
@click.option(
    "--rdf",
    multiple=True,
    metavar="FILE…",
    type=click.Path(path_type=Path),
    help="Serve these RDF files (N-Quads, Turtle, TriG, N-Triples, RDF/XML, JSON-LD) instead of a release.",
)
@click.option(
    "--endpoint",
    metavar="URL",
    help="Put the service in front of the SPARQL engine whose query URL this is, instead of over a release.",
)
@click.option(
    "--endpoint-base-uri",
    metavar="URI",
    help="What the names in the engine's data begin with.  [default: this service's address]",
)
@click.option(
    "--endpoint-release",
    metavar="ID",
    help="The engine holds this release and never changes; its answers may then be kept.",
)
@click.option(
    "--endpoint-user",
    metavar="NAME",
    help="Sign in to the engine as this user; without one the secret is a token.",
)
@click.option(
    "--endpoint-secret-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File that holds the password or the token.  [default: the environment's MINGZHANG_ENDPOINT_SECRET]",
)
@click.option(
    "--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on; 0.0.0.0 for all."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="0 for any free one.",
)
@click.option("--next-free-port", is_flag=True, help="Where the port is taken, use the next free one.")
@limit_options
@click.argument("more_rdf", nargs=-1, metavar="", type=click.Path(path_type=Path))
def serve(
    data: Path,
    rdf: Sequence[Path],
    more_rdf: Sequence[Path],
    endpoint: str | None,
    endpoint_base_uri: str | None,
    endpoint_release: str | None,
    endpoint_user: str | None,
    endpoint_secret_file: Path | None,
    host: str,
    port: int,
    next_free_port: bool,
    **limits: float | None,
) -> int:
    """Serve the current release: pages, names that answer, SPARQL, dumps. Or, with --rdf, any RDF; or, with
    --endpoint, whatever a SPARQL engine elsewhere holds.

    Every name in a release begins with its base URI. Where none was given at build time and this address is
    another one than the release was built for, the release is first rebuilt for it, under DATA/local, so that
    every link works here. Ctrl-C stops the service.
    """
    from mingzhang.sparql.server import serve_endpoint, serve_rdf, serve_release

    if endpoint and rdf:
        raise click.UsageError("serve takes --rdf or --endpoint, not both")
    if (endpoint_base_uri or endpoint_release or endpoint_user or endpoint_secret_file) and not endpoint:
        raise click.UsageError("the options that begin with --endpoint- need --endpoint")
    if more_rdf and not rdf:
        raise click.UsageError(f"serve takes no file but after --rdf; what is {str(more_rdf[0])!r}?")
    options = replace(
        with_limits(limits),
        host=host,
        port=usable_port(host, port, PORTS_TRIED if next_free_port else 1),
        kept_folder=None if rdf or endpoint else data / "cache" / "answers",
    )
    if endpoint:
        base = checked_base_uri(endpoint_base_uri) if endpoint_base_uri else ""
        credentials = _credentials(endpoint_user or "", endpoint_secret_file)
        serve_endpoint(endpoint, options, _say_ready, base, endpoint_release or "", credentials)
    elif rdf:
        serve_rdf([*rdf, *more_rdf], options, _say_ready)
    else:
        # A release rebuilt for this address lies under DATA/local; those as they were built stay queryable too.
        look = Looking(data, host, options.port)
        serve_release(look.first(), options, _say_ready, (data / "releases",), look)
    return 0


def _credentials(user: str, secret_file: Path | None) -> Credentials:
    """How to sign in to the engine. A secret is never an option: those stand in the shell's history and in `ps`.

    Raises SettingsError for a file that cannot be read, or a secret that cannot be sent.
    """
    from mingzhang.sparql.connections import checked_credentials

    if secret_file is None:
        return checked_credentials(user, os.environ.get(SECRET_VARIABLE, ""))
    try:
        return checked_credentials(user, secret_file.read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{secret_file}: {error}; check --endpoint-secret-file") from error


class Looking:
    """Which release to serve: the one that DATA/current points to, whenever that is another one than before."""

    def __init__(self, data: Path, host: str, port: int) -> None:
        self.data, self.host, self.port = data, host, port
        self.seen = ""

    def first(self) -> Release:
        """The release to begin with. Raises ReleaseError where there is none."""
        self.seen = current_id(self.data)
        return _release_for(self.data, self.host, self.port)

    def __call__(self) -> Release | None:
        """The release to go on with; None where it is the one told last. Raises ReleaseError for a damaged one."""
        now = current_id(self.data)
        if not now or now == self.seen:
            return None
        self.seen = now
        return _release_for(self.data, self.host, self.port)


def _release_for(data: Path, host: str, port: int) -> Release:
    """The current release; rebuilt for this address where its base URI was nobody's choice."""
    from mingzhang.rebase import release_for_address

    release = current_release(data)
    address = service_base_uri(host, port)
    if release.manifest.base_uri_given or release.manifest.base_uri == address:
        return release
    click.echo(
        f"Built for {release.manifest.base_uri}; rebuilding {release.manifest.id} for {address}", err=True
    )
    with shown_progress() as progress:
        return release_for_address(release, data, host, port, os.cpu_count() or 1, progress)


def usable_port(host: str, port: int, tried: int) -> int:
    """The first port from `port` on that can be listened on; port 0 stands for any. Raises SettingsError.

    Another program may take it in the moment between; the service then says so itself.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = ""
    for candidate in range(port, min(port + tried, 65536)):
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, candidate))
                # Two may bind before either listens; only listening shows that the port is free.
                listener.listen()
            except OSError as error:
                reason = error.strerror or str(error)
                continue
            return int(listener.getsockname()[1])
    raise SettingsError(
        f"{host}:{port} cannot be used ({reason}); choose another with --port, or add --next-free-port"
    )


def _say_ready(url: str) -> None:
    click.echo(f"Serving at {url} (Ctrl-C stops)")
