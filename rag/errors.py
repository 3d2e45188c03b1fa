"""One shallow tree of errors. A message says what failed, which value, and what to do."""


class WhosaysError(Exception):
    """Anything that a user should read as one line. Exit code 1."""


class UsageError(WhosaysError):
    """The question or command was put wrongly (an empty question, a bad date). Exit code 2."""


class SettingError(WhosaysError):
    """A setting or an environment variable has a value that cannot be used."""


class ReadError(WhosaysError):
    """A file could not be turned into articles. Other files go on."""


class FetchError(WhosaysError):
    """A page could not be brought from its address. Other addresses go on."""


class LibraryError(WhosaysError):
    """The library is missing, damaged, or made by something that does not fit."""


class LockedError(LibraryError):
    """Another process is writing to the library; the message names it."""


class ModelError(WhosaysError):
    """A model file is missing or is not the one that was pinned; or a model server failed."""


class QuoteError(WhosaysError):
    """A stretch of text that may not become a quote, and why."""


class ContextError(ModelError):
    """The evidence is more than the language model takes at once."""


class ReplyError(ModelError):
    """A language model's reply cannot be used; the message says why."""


class StoppedError(WhosaysError):
    """Whoever asked no longer waits for the answer."""
