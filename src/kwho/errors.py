"""The exceptions a caller must tell apart; everything else is a builtin exception."""


class InvalidQueryError(ValueError):
    """A query, rule condition or filter that cannot mean anything; the message says where and what to do."""


class InvalidRuleError(ValueError):
    """A rule that is broken or can never match a native audit event; the message names file, line and reason."""


class MissingExtraError(ImportError):
    """An optional dependency is not installed; the message holds the command that installs it."""
