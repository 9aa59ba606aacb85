"""What HR calls its columns, in five languages: the words by which a first mapping is guessed. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

__all__ = ["LAST_FIRST", "SYNONYMS", "Meaning"]


class Meaning(StrEnum):
    """What a column of HR's may be about; the value is the mapping's name for it."""

    #: The number by which HR knows a person.
    NUMBER = "number"
    #: First and last name in one column.
    NAME = "name"
    #: The first name alone.
    FIRST = "first"
    #: The last name alone.
    LAST = "last"
    #: The department, by title.
    DEPARTMENT = "department"
    #: Where the person works.
    SITE = "site"
    #: The e-mail address.
    EMAIL = "email"
    #: Whether the person still works there.
    STATUS = "status"
    #: The first day.
    START = "start"
    #: The last day.
    END = "end"
    #: The mobile telephone's number.
    MOBILE = "mobile"


#: Words for whole names that begin with the last one.
LAST_FIRST: Final = (
    "last first name",
    "name vorname",
    "nachname vorname",
    "efternamn förnamn",
    "nom prénom",
    "nom et prénom",
    "apellidos nombre",
    "apellidos y nombre",
)

#: The words for each meaning by language (ISO 639-1).
SYNONYMS: Final[Mapping[Meaning, Mapping[str, tuple[str, ...]]]] = {
    Meaning.NUMBER: {
        "en": (
            "employee number",
            "employee no",
            "employee id",
            "emp no",
            "emp id",
            "personnel number",
            "staff number",
            "staff id",
            "payroll number",
            "staff no",
            "number",
            "id",
        ),
        "de": ("personalnummer", "personalnr", "pers nr", "mitarbeiternummer", "mitarbeiter nr", "ma nr", "nummer"),
        "sv": ("anställningsnummer", "anställningsnr", "anst nr", "personalnummer", "medarbetarnummer", "nummer"),
        "fr": ("matricule", "numéro de salarié", "numéro employé", "n° salarié", "no employé"),
        "es": ("número de empleado", "nº empleado", "n° empleado", "legajo", "código empleado"),
    },
    Meaning.NAME: {
        "en": ("name", "full name", "employee name", "employee", "last first name", "display name"),
        "de": ("name vorname", "vollständiger name", "mitarbeiter", "mitarbeitername", "nachname vorname"),
        "sv": ("namn", "fullständigt namn", "medarbetare"),
        "fr": ("nom prénom", "nom et prénom", "nom complet", "collaborateur"),
        "es": ("nombre completo", "apellidos y nombre", "empleado", "apellidos nombre"),
    },
    Meaning.FIRST: {
        "en": ("first name", "given name", "forename"),
        "de": ("vorname", "rufname"),
        "sv": ("förnamn", "tilltalsnamn"),
        "fr": ("prénom",),
        "es": ("nombre", "nombre de pila"),
    },
    Meaning.LAST: {
        "en": ("last name", "surname", "family name"),
        "de": ("nachname", "familienname", "zuname"),
        "sv": ("efternamn",),
        "fr": ("nom", "nom de famille"),
        "es": ("apellidos", "apellido"),
    },
    Meaning.DEPARTMENT: {
        "en": (
            "department",
            "dept",
            "team",
            "unit",
            "organisation",
            "organization",
            "cost centre name",
            "division",
            "business unit",
            "supervisory organization",
        ),
        "de": ("abteilung", "bereich", "organisationseinheit", "orgeinheit", "orgeinheit text", "kostenstelle bezeichnung", "kostenst bez"),
        "sv": ("avdelning", "enhet", "organisation"),
        "fr": ("service", "département", "direction", "unité"),
        "es": ("departamento", "área", "unidad"),
    },
    Meaning.SITE: {
        "en": ("site", "location", "office", "city", "work location", "place of work"),
        "de": ("standort", "ort", "arbeitsort", "niederlassung", "dienstort"),
        "sv": ("ort", "kontor", "arbetsplats", "placering"),
        "fr": ("site", "lieu", "lieu de travail", "établissement", "ville", "agence"),
        "es": ("sede", "centro", "ubicación", "ciudad", "oficina", "centro de trabajo"),
    },
    Meaning.EMAIL: {
        "en": ("email", "e-mail", "email address", "mail", "work email", "email primary work"),
        "de": ("e-mail adresse", "mailadresse"),
        "sv": ("e-post", "epostadress", "e-postadress"),
        "fr": ("courriel", "adresse électronique", "adresse mail"),
        "es": ("correo", "correo electrónico"),
    },
    Meaning.STATUS: {
        "en": ("status", "employment status", "active", "state"),
        "de": ("beschäftigungsstatus", "aktiv"),
        "sv": ("anställningsstatus", "aktiv"),
        "fr": ("statut", "situation", "actif"),
        "es": ("estado", "situación", "activo"),
    },
    Meaning.START: {
        "en": ("start date", "hire date", "start", "joining date", "date of joining"),
        "de": ("eintritt", "eintrittsdatum", "beginn"),
        "sv": ("startdatum", "anställningsdatum", "från och med"),
        "fr": ("date d'entrée", "date d'embauche", "entrée"),
        "es": ("fecha de alta", "fecha de ingreso", "alta"),
    },
    Meaning.END: {
        "en": ("end date", "leaving date", "termination date", "last day"),
        "de": ("austritt", "austrittsdatum", "ende"),
        "sv": ("slutdatum", "till och med"),
        "fr": ("date de sortie", "sortie"),
        "es": ("fecha de baja", "baja"),
    },
    Meaning.MOBILE: {
        "en": ("mobile", "mobile phone", "cell phone", "mobile number", "phone mobile"),
        "de": ("handy", "mobil", "mobilnummer", "mobiltelefon", "telefon mobil"),
        "sv": ("mobil", "mobiltelefon", "mobilnummer"),
        "fr": ("portable", "téléphone portable", "mobile"),
        "es": ("móvil", "teléfono móvil", "celular"),
    },
}
