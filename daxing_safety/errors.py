"""What a user can mend, said in Chinese. Everything else that is raised is a bug."""


class UserFacingError(Exception):
    """Its text is a Chinese sentence, shown as it is: what is wrong and what to do."""


class NotAllowed(UserFacingError):
    """The role, or the state of the thing, does not permit this."""


class Forbidden(NotAllowed):
    """The table of grants refused it: who wanted what goes into the log."""

    def __init__(self, text: str, *, username: str, wanted: str) -> None:
        super().__init__(text)
        self.username = username
        self.wanted = wanted


class NotFound(UserFacingError):
    """There is no such thing, or this viewer may not know of it."""


class BadInput(UserFacingError):
    """What was typed or uploaded cannot be taken."""


class Conflict(UserFacingError):
    """Somebody else was quicker; nothing was changed."""


class StorageFault(UserFacingError):
    """The disk or the database does not work: nothing was stored, and trying again may help."""


class Interrupted(StorageFault):
    """The database server went away in the middle of it; it may be done anew at once."""


class BrokenTable(Exception):
    """A table under data/ is wrong: file, line and reason. For who edits it, so in English."""

    def __init__(self, path: object, line: int, reason: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
