"""
The simulated PM's description of itself, as Swagger UI reads it: made from the endpoint table and the schemas.

Knows OpenAPI, nothing of the records. Where the document prints one path with two placeholders, so does this one (QUIRKS 38, 39).
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pmbulk.endpoints import ENDPOINTS, Endpoint
from pmbulk.simulator.schemas import BODIES
from pmbulk.simulator.schemas_answers import ANSWERS, ERROR
from pmbulk.simulator.settings import HeaderScheme, SimulatorSettings

__all__ = ["API_DOCS_PATH", "api_docs"]

#: Where servers of PM's making put it.
API_DOCS_PATH: Final = "/v3/api-docs"
#: What opens a session, and so can have no token yet.
_WITHOUT_TOKEN: Final = ("login", "refreshToken")


def api_docs(settings: SimulatorSettings) -> dict[str, Any]:
    """The OpenAPI document; its security scheme says how the token is to be sent under *settings*."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS.values():
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, settings)
    return {
        "openapi": "3.0.1",
        "info": {"title": "MX-ONE Provisioning Manager (simulated)", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"securitySchemes": {"token": _security(settings)}},
    }


def _security(settings: SimulatorSettings) -> dict[str, Any]:
    if settings.header_scheme is HeaderScheme.RAW or settings.header_name.casefold() != "authorization":
        return {"type": "apiKey", "in": "header", "name": settings.header_name}
    return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def _operation(endpoint: Endpoint, settings: SimulatorSettings) -> dict[str, Any]:
    places = [("path", name) for name in endpoint.path_parameters] + [("query", name) for name in endpoint.query]
    described: dict[str, Any] = {
        "operationId": endpoint.name,
        "parameters": [{"name": name, "in": place, "required": True, "schema": {"type": "string"}} for place, name in places],
        "responses": _responses(endpoint, settings),
    }
    if endpoint.has_body:
        described["requestBody"] = {"required": True, "content": _json(BODIES[endpoint.name])}
    if endpoint.name in _WITHOUT_TOKEN:
        described["security"] = []
    return described


def _responses(endpoint: Endpoint, settings: SimulatorSettings) -> dict[str, Any]:
    """What may come back; the session's calls know one failure only, but explain it (QUIRKS 14)."""
    failures = {settings.refused_login_status, 400} if endpoint.of_session else {400, 401, 403, 404}
    responses: dict[str, Any] = {str(status): {"description": HTTPStatus(status).phrase} for status in sorted(endpoint.success | failures)}
    if endpoint.of_session:
        for status in failures:
            responses[str(status)]["content"] = _json(ERROR)
    if endpoint.name in ANSWERS:
        kind = ANSWERS[endpoint.name]
        responses[str(min(endpoint.success))]["content"] = _json([kind] if _is_listed(endpoint, settings) else kind)
    return responses


def _is_listed(endpoint: Endpoint, settings: SimulatorSettings) -> bool:
    """Whether several of what is printed as one object come back (QUIRKS 62-64)."""
    return {
        "getExtensionsByUserRecId": settings.user_extensions_as_list,
        "getNumberSeries": settings.number_series_as_list,
        "listPhoneTypes": settings.phone_lists_as_list,
        "listPhonePanels": settings.phone_lists_as_list,
    }.get(endpoint.name, False)


def _json(kind: Any) -> dict[str, Any]:
    return {"application/json": {"schema": _schema(kind)}}


def _schema(kind: Any) -> dict[str, Any]:
    """A schema in OpenAPI's notation, from the one of `schema_words`."""
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, Mapping):
        members = {name: _schema(member) for name, member in kind.items()}
        return {"type": "object", "properties": members} if members else {"type": "object"}
    return {"type": kind}
