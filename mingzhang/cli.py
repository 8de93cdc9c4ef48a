"""The command line: `mingzhang COMMAND …`. Data on standard output, everything else on standard error.

The commands are in `cli_read` (ingest, check, facts), `cli_inspect`, `cli_release` (build, query), `cli_releases` (diff, releases,
rollback), `cli_serve` and `cli_doctor`; here is what they share: settings, and how an error ends.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from typing import Any

import click

from mingzhang import __version__
from mingzhang.cli_doctor import doctor
from mingzhang.cli_inspect import inspect
from mingzhang.cli_read import check, facts, ingest
from mingzhang.cli_release import build, query
from mingzhang.cli_releases import diff, releases, rollback
from mingzhang.cli_serve import serve
from mingzhang.errors import MingzhangError
from mingzhang.settings import SETTINGS_FILE, read_settings

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of SIGINT, as shells report it."""


class Commands(click.Group):
    """A group that ends a command's error with one line and exit status 1, the trace only where it was asked for."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except MingzhangError as error:
            message, trace = str(error), traceback.format_exc()
        except OSError as error:
            message = f"{error.filename or 'this machine'}: {error.strerror or error}"
            trace = traceback.format_exc()
        except Exception as error:
            message = (
                f"{type(error).__name__}: {error}; this is a fault of Mingzhang, see the trace with --debug"
            )
            trace = traceback.format_exc()
        if ctx.params["debug"]:
            click.echo(trace, err=True)
        click.echo(f"mingzhang: {message}", err=True)
        return 1


@click.group(
    cls=Commands,
    context_settings={
        "auto_envvar_prefix": "MINGZHANG",
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
    epilog="""\b
Examples:
  mingzhang build examples/ --data data
  mingzhang serve --data data

Every option may also be an environment variable (MINGZHANG_SERVE_PORT=8080) or a line of mingzhang.toml.
""",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help=f"Settings file.  [default: {SETTINGS_FILE}, where there is one]",
)
@click.option("--debug", is_flag=True, help="Show the trace of an error.")
@click.version_option(__version__, prog_name="mingzhang")
@click.pass_context
def cli(ctx: click.Context, config: Path | None, debug: bool) -> None:
    """Mingzhang 明账 publishes the budget disclosures of Chinese government departments as linked data.

    Every figure can be followed to the line that prints it.
    """
    path = config or Path(SETTINGS_FILE)
    if config or path.is_file():
        ctx.default_map = read_settings(path, option_names())


for command in (ingest, check, inspect, build, serve, facts, query, diff, releases, rollback, doctor):
    cli.add_command(command)


def option_names() -> dict[str, frozenset[str]]:
    """Each command's options as they may stand in the settings file, without the dashes before them."""
    return {
        name: frozenset(
            option.removeprefix("--")
            for parameter in command.params
            if isinstance(parameter, click.Option)
            for option in parameter.opts
            if option.startswith("--") and option != "--help"
        )
        for name, command in cli.commands.items()
    }


def run(arguments: list[str] | None = None) -> int:
    """Runs a command line and returns its exit status."""
    try:
        status = cli.main(arguments, prog_name="mingzhang", standalone_mode=False)
        return status if isinstance(status, int) else 0
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(
            "mingzhang: stopped; nothing half-written was left, and the same command goes on where it was",
            err=True,
        )
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough (`… | head`). Python would complain once more when it ends.
        sys.stderr.close()
        return 1


def main() -> None:
    """What the `mingzhang` script calls."""
    sys.exit(run())
