"""What is written down about programs that read along. Like all events, for ever."""

from datetime import datetime

from gamekeeper import Event
from gamekeeper_apps.quiz import touching
from gamekeeper_apps.quiz.messages import Scope


class ReadKeyMade(Event, touches=(), version=2, upcast={1: touching.as_it_was}):
    """Keys of the first version read everything, as the default says."""

    id: str
    name: str
    digest: str
    at: datetime
    scope: Scope = "state"


class ReadKeyRevoked(Event, touches=()):
    id: str


class HookMade(Event, touches=()):
    """The secret it is signed with is not among it: it follows from the server's secret and the id."""

    id: str
    name: str
    url: str
    scope: Scope
    at: datetime


class HookRevoked(Event, touches=()):
    id: str
