"""XML as a tree with line numbers. Entities are not declared, nothing is fetched, depth and size have limits."""

import html.entities
from dataclasses import dataclass, field
from xml.parsers import expat

from gamekeeper_apps.quiz.formats.found import Refused

MAX_DEPTH = 200
MAX_ELEMENTS = 500_000
MAX_ATTRIBUTES = 500_000


class Malformed(Refused):
    """Not well-formed, and nothing worse than that."""


@dataclass
class Element:
    """`children` holds texts and elements in order; names are without prefix."""

    name: str
    line: int
    attributes: dict[str, str]
    children: "list[str | Element]" = field(default_factory=list["str | Element"])

    def elements(self, *names: str) -> "list[Element]":
        """Child elements of these names, or all."""
        return [one for one in self.children if isinstance(one, Element) and (not names or one.name in names)]

    def all(self, *names: str) -> "list[Element]":
        """Descendants of these names, in document order."""
        found: list[Element] = []
        for one in self.elements():
            found += [one] if one.name in names else []
            found += one.all(*names)
        return found

    def first(self, *names: str) -> "Element | None":
        """The first descendant of these names."""
        return next(iter(self.all(*names)), None)

    def text(self) -> str:
        """All text inside."""
        return "".join(one if isinstance(one, str) else one.text() for one in self.children)

    def get(self, *names: str) -> str:
        """The first of these attributes that is there, else an empty text."""
        return next((self.attributes[name] for name in names if name in self.attributes), "")


class _Builder:
    def __init__(self, parser: expat.XMLParserType) -> None:
        self.parser = parser
        self.root = Element("", 0, {})
        self.open = [self.root]
        self.count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) > MAX_DEPTH or self.count > MAX_ELEMENTS:
            raise Refused("error-too-large", "too deeply nested or too many elements", self.line)
        named = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        element = Element(name.rpartition(":")[2], self.line, named)
        self.open[-1].children.append(element)
        self.open.append(element)

    def end(self, _: str) -> None:
        self.open.pop()

    def text(self, data: str) -> None:
        self.open[-1].children.append(data)

    def skipped(self, name: str, parameter: int) -> None:
        if not parameter:
            self.text(html.entities.html5.get(name + ";", ""))

    def entity(self, *_: object) -> None:
        raise Refused("error-not-readable", "entity declarations are refused", self.line)

    def external(self, *_: object) -> int:
        raise Refused("error-not-readable", "external entities are refused", self.line)

    @property
    def line(self) -> int:
        return self.parser.CurrentLineNumber


def parse(data: bytes) -> Element:
    """The root element. Raises `Refused`, and `Malformed` of what is merely broken."""
    # Counted first, at a fraction of the cost of building what would be refused.
    if data.count(b"<") > 2 * MAX_ELEMENTS or data.count(b'="') + data.count(b"='") > MAX_ATTRIBUTES:
        raise Refused("error-too-large", f"more than {MAX_ELEMENTS} elements or {MAX_ATTRIBUTES} attributes")
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 65_536
    builder = _Builder(parser)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    parser.SkippedEntityHandler = builder.skipped
    parser.EntityDeclHandler = builder.entity
    parser.ExternalEntityRefHandler = builder.external
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Malformed("error-not-readable", str(error).split(":")[0], error.lineno) from None
    except (LookupError, ValueError) as error:
        raise Malformed("error-not-readable", str(error)[:100], 1) from None
    return builder.root.elements()[0]
