"""The errors that a user can cause, each with a sentence that says what to do."""


class InsightError(Exception):
    """Base of every error whose message is meant for the user, as it stands."""


class NothingToReadError(InsightError):
    """There is no histogram where the user pointed: no folder, no event file, no histogram tag."""


class ClusterError(InsightError):
    """A cluster that is not there, that fell silent, or whose workers cannot do the work."""


class UsageError(InsightError):
    """An option or argument that makes no sense, with the nearest one that does."""
