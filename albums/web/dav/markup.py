"""The XML of WebDAV: what clients ask, and the multi-status answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from starlette.responses import Response

from albums.web.dav.locks import Lock
from albums.web.dav.places import DavRefusal, href

register_namespace("D", "DAV:")
register_namespace("oc", "http://owncloud.org/ns")

# For each status, the properties that have it.
Found = dict[int, list[Element]]


_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 32  # elements in each other; nobody sends more than a handful
_MOST_ASKED = 64  # properties that one question may name


def dav(name: str) -> str:
    return f"{{DAV:}}{name}"


def parse_xml(body: bytes, root: str) -> Element | None:
    """None for an empty body. Raises DavRefusal (400) for what is not well-formed or not `root`."""
    if not body.strip():
        return None
    try:
        element = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DavRefusal(400, "The body is not XML", why=str(error)) from error
    if element.tag != dav(root):
        raise DavRefusal(400, f"The body is not a {root}")
    assert isinstance(element, Element)
    _refuse_too_much(element)
    return element


def _refuse_too_much(root: Element) -> None:
    layer, depth = [root], 0
    while layer:
        depth += 1
        if depth > _DEEPEST or (depth == 3 and len(layer) > _MOST_ASKED):
            raise DavRefusal(400, "The body asks for too much")
        layer = [below for element in layer for below in element]


def text_element(tag: str, text: str) -> Element:
    element = Element(tag)
    element.text = _NOT_IN_XML.sub("\ufffd", text)
    return element


def stored(element: Element) -> str:
    """A property as it can be kept, and read again by `parse_stored`."""
    element.tail = None
    return tostring(element, "unicode")


def parse_stored(text: str) -> Element:
    element = fromstring(text)
    assert isinstance(element, Element)
    return element


def multistatus(answers: Iterable[tuple[str, Found]]) -> Response:
    """207: for each address, its properties by status."""
    root = Element(dav("multistatus"))
    for address, found in answers:
        response = SubElement(root, dav("response"))
        SubElement(response, dav("href")).text = address
        for status, properties in found.items():
            propstat = SubElement(response, dav("propstat"))
            SubElement(propstat, dav("prop")).extend(properties)
            SubElement(propstat, dav("status")).text = _status_line(status)
    return xml_response(root, 207)


def xml_response(root: Element, status: int) -> Response:
    body = '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, "unicode")
    return Response(body, status, media_type="application/xml; charset=utf-8")


def refusal_response(refusal: DavRefusal) -> Response:
    """With the condition's name where RFC 4918 has one, and a sentence for people."""
    root = Element(dav("error"))
    if refusal.condition:
        SubElement(root, dav(refusal.condition))
    SubElement(root, dav("responsedescription")).text = str(refusal)
    return xml_response(root, refusal.status)


def lock_discovery(locks: Sequence[Lock]) -> Element:
    root = Element(dav("lockdiscovery"))
    for lock in locks:
        root.append(_active(lock))
    return root


def supported_locks() -> Element:
    root = Element(dav("supportedlock"))
    for scope in ("exclusive", "shared"):
        entry = SubElement(root, dav("lockentry"))
        SubElement(SubElement(entry, dav("lockscope")), dav(scope))
        SubElement(SubElement(entry, dav("locktype")), dav("write"))
    return root


def lock_response(lock: Lock, status: int) -> Response:
    root = Element(dav("prop"))
    root.append(lock_discovery([lock]))
    return xml_response(root, status)


def _active(lock: Lock) -> Element:
    active = Element(dav("activelock"))
    SubElement(SubElement(active, dav("locktype")), dav("write"))
    scope = "exclusive" if lock.exclusive else "shared"
    SubElement(SubElement(active, dav("lockscope")), dav(scope))
    SubElement(active, dav("depth")).text = "infinity" if lock.infinite else "0"
    if lock.note is not None:
        active.append(lock.note)
    SubElement(active, dav("timeout")).text = f"Second-{lock.seconds}"
    token = SubElement(active, dav("locktoken"))
    SubElement(token, dav("href")).text = lock.token
    root = SubElement(active, dav("lockroot"))
    SubElement(root, dav("href")).text = href("inbox", lock.path, False)
    return active


def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"
