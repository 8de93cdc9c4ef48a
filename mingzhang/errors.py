"""Every error Mingzhang raises on purpose, as one tree.

MingzhangError
├── InputError            a file given by the user cannot be used
│   ├── NotFound          there is no such file
│   ├── EmptyFile         the file holds nothing
│   ├── NotText           the file is binary, or text in no encoding we know
│   ├── Unsupported       a file type that is known but cannot be read yet
│   ├── NotADisclosure    readable, but no budget disclosure
│   └── NotOneDisclosure  files given as one disclosure that are none
├── ClusterError          a Dask cluster cannot be reached or used
│   └── OtherVersion      a worker runs another version of the program
├── SettingsError         an option, environment variable or settings line is wrong
├── VocabularyError       the Turtle in ontology/ contradicts itself
├── ValidationError       a graph breaks the structure shapes, or a shape checked nothing
├── ReleaseError          a release is missing, incomplete or damaged
└── QueryError            a query cannot be answered
    ├── QuerySyntaxError  malformed, with line and column
    ├── QueryTimeout      stopped at its time limit
    ├── QueryTooLarge     its answer passes the size limit
    └── ServiceBusy       no worker is free and the queue is full

A message says what is wrong, where, and what to do about it.
"""

from __future__ import annotations


class MingzhangError(Exception):
    """Anything that went wrong in a way a person can act on."""


class InputError(MingzhangError):
    """A file given by the user cannot be used. `path` is its name as given."""

    def __init__(self, path: str, reason: str, advice: str) -> None:
        super().__init__(f"{path}: {reason}; {advice}")
        self.path = path
        self.reason = reason
        self.advice = advice

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        # Worker processes hand errors back by pickling; the default would call __init__ with one text.
        return type(self), (self.path, self.reason, self.advice)


class NotFound(InputError):
    """There is no file of that name."""


class EmptyFile(InputError):
    """The file holds no bytes, or only white space."""


class NotText(InputError):
    """The file is binary, or text in no encoding we know."""


class Unsupported(InputError):
    """A file type that is known but cannot be read."""


class NotADisclosure(InputError):
    """The file can be read, but nothing in it is a budget disclosure."""


class NotOneDisclosure(InputError):
    """Files were given as one disclosure, but they speak of several or several of them hold tables."""


class ClusterError(MingzhangError):
    """A Dask cluster cannot be reached, has lost its workers, or cannot do the work."""


class OtherVersion(ClusterError):
    """A worker runs another version of the program, so that its results would be other ones."""


class SettingsError(MingzhangError):
    """An option, an environment variable or a line of the settings file is wrong."""


class VocabularyError(MingzhangError):
    """The Turtle in ontology/ contradicts itself or lacks something the code relies on."""


class ValidationError(MingzhangError):
    """A graph breaks the structure shapes, or a shape found nothing to check."""


class ReleaseError(MingzhangError):
    """A release is missing, incomplete or damaged."""


class QueryError(MingzhangError):
    """A query cannot be answered."""


class QuerySyntaxError(QueryError):
    """The query is malformed. `line` and `column` count from 1; None where the engine does not say."""

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class QueryTimeout(QueryError):
    """The query was stopped at its time limit."""


class QueryTooLarge(QueryError):
    """The answer passes the size limit; the dumps hold the whole."""


class ServiceBusy(QueryError):
    """No worker is free and the queue is full; `retry_after_s` says when to come back."""

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
