"""
Chapter 8: the authorization codes of an extension.

They are part of the extension: what creates or updates it writes them too.
"""

from __future__ import annotations

from typing import Any

from pmbulk.simulator.answers import RefusedError
from pmbulk.simulator.extension_record import shown_codes
from pmbulk.simulator.extension_updates import change_extension, written_codes
from pmbulk.simulator.personal_numbers import shown_personal_number
from pmbulk.simulator.registry import Call, operation

__all__: list[str] = []


@operation("getAuthorizationCodes")
def get_authorization_codes(call: Call) -> dict[str, Any]:
    """The codes of an extension; one that is kept as a digest is not shown as it is (DOMAIN 4)."""
    return {"authorizationCodeVO": {"auco": shown_codes(call.extension())}}


@operation("resetAuthorizationCodes")
def reset_authorization_codes(call: Call) -> dict[str, Any]:
    """
    The personal number of the extension, as the document prints it (QUIRKS 60), after its codes were replaced.

    Where updates merge, codes that are left out stay (QUIRKS 96).
    """
    extension = call.extension()
    sent = call.body.get("authorizationCodeVO", {}).get("auco")
    if sent is None:
        raise RefusedError(400, "authorizationCodeVO.auco is mandatory", code="MANDATORY")
    if any(each.get("dir", extension.number) not in ("", extension.number) for each in sent):
        raise RefusedError(400, "dir in the body is not the extension in the query", code="ID_MISMATCH")
    codes = written_codes(extension, sent)
    if call.settings.updates_merge:
        texts = {each["authorizationCode"] for each in codes}
        codes = [each for each in extension.body.get("authorizationCodes", ()) if each["authorizationCode"] not in texts] + codes
    subsystem = call.world.subsystems[extension.subsystem_id]
    change_extension(call, subsystem, extension, extension.kind, extension.body | {"authorizationCodes": codes})
    return shown_personal_number(extension)
