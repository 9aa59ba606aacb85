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
from pmbulk.simulator.settings import HeaderScheme, SimulatorSettings

__all__ = ["API_DOCS_PATH", "api_docs"]

#: Where servers of PM's making put it.
API_DOCS_PATH: Final = "/v3/api-docs"


def api_docs(settings: SimulatorSettings) -> dict[str, Any]:
    """The OpenAPI document; its security scheme says how the token is to be sent under *settings*."""
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in ENDPOINTS.values():
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
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


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    places = [("path", name) for name in endpoint.path_parameters] + [("query", name) for name in endpoint.query]
    described: dict[str, Any] = {
        "operationId": endpoint.name,
        "parameters": [{"name": name, "in": place, "required": True, "schema": {"type": "string"}} for place, name in places],
        "responses": {
            str(status): {"description": HTTPStatus(status).phrase} for status in sorted({*endpoint.success, 400, 401, 403, 404})
        },
    }
    if endpoint.has_body:
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(BODIES[endpoint.name])}}}
    return described


def _schema(kind: Any) -> dict[str, Any]:
    """A schema in OpenAPI's notation, from the one of `schema_words`."""
    if isinstance(kind, list):
        return {"type": "array", "items": _schema(kind[0])}
    if isinstance(kind, Mapping):
        return {"type": "object", "properties": {name: _schema(member) for name, member in kind.items()}}
    return {"type": kind}
