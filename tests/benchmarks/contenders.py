"""
What pmbulk is compared with, written as a user would: bare readers, and pandas or openpyxl with requests in a loop or in threads.

As a program (``python -m tests.benchmarks.contenders NAME ARGUMENT...``) it carries one of them out and prints the seconds that the work took, without the
start of Python and the imports.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["CONTENDERS"]

THREADS = 32


def read_with_pmbulk(path: str) -> Callable[[], object]:
    """Read losslessly and check every cell; the rows are kept, ready to run."""
    from pmbulk.door.checking import check_workbook

    def work() -> None:
        checked = check_workbook(Path(path))
        if checked.invalid:
            raise RuntimeError(f"{next(checked.findings())}")

    return work


def read_with_calamine(path: str) -> Callable[[], object]:
    """Go through all rows; nothing is kept."""
    import python_calamine

    return lambda: sum(1 for _ in python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows())


def read_with_pandas(path: str) -> Callable[[], object]:
    """`pandas.read_excel` with its defaults."""
    import pandas as pd

    return lambda: pd.read_excel(path)


def send_in_loop(path: str, url: str) -> Callable[[], object]:
    """One request after the other: no checks, no journal, no results."""
    import requests

    def work() -> None:
        with requests.Session() as session:
            for body in _bodies(path, url, session):
                session.post(f"{url}/user-ms/user/v1", json=body).raise_for_status()

    return work


def send_in_threads(path: str, url: str) -> Callable[[], object]:
    """The same, 32 at a time."""
    from concurrent.futures import ThreadPoolExecutor

    import requests

    def work() -> None:
        with requests.Session() as session, ThreadPoolExecutor(THREADS) as pool:
            session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=THREADS))
            for response in pool.map(lambda body: session.post(f"{url}/user-ms/user/v1", json=body), _bodies(path, url, session)):
                response.raise_for_status()

    return work


def export_in_loop(path: str, url: str) -> Callable[[], object]:
    """Every page of the users, one request a user after the other, and one sheet of openpyxl; nothing is left out, masked or checked."""
    import openpyxl
    import requests

    def work() -> None:
        with requests.Session() as session:
            _log_in(session, url)
            users, page = [], 1
            while found := _page(session, url, page):
                users += [_flat(session.get(f"{url}/user-ms/user/by-user-id/v1/{one['userId']}").json()) for one in found]
                page += 1
        headers = list(dict.fromkeys(header for user in users for header in user))
        book = openpyxl.Workbook()
        book.active.append(headers)
        for user in users:
            book.active.append([user.get(header) for header in headers])
        book.save(path)

    return work


def _page(session: Any, url: str, number: int) -> list[dict[str, Any]]:
    query = {"search": "*", "importedFrom": "ALL", "pageno": number, "pageSize": 200, "orderby": "userId asc"}
    found: list[dict[str, Any]] = session.get(f"{url}/user-ms/user/v1", params=query).json()[0]["items"]
    return found


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict | list):
        return {path: value}
    inside = value.items() if isinstance(value, dict) else enumerate(value, start=1)
    return {header: leaf for name, one in inside for header, leaf in _flat(one, f"{path}.{name}" if path else str(name)).items()}


def _log_in(session: Any, url: str) -> None:
    answer = session.post(f"{url}/auth/login", json={"username": "admin", "password": "secret"}).json()
    session.headers["Authorization"] = f"Bearer {answer['token']}"


def _bodies(path: str, url: str, session: Any) -> list[dict[str, Any]]:
    """The rows as the API wants them, and the *session* logged in."""
    import pandas as pd

    _log_in(session, url)
    return [_nested(row) for row in pd.read_excel(path, dtype=str).to_dict("records")]


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for header, value in row.items():
        *above, last = header.split(".")
        target = body
        for part in above:
            target = target.setdefault(part, {})
        if isinstance(value, str):
            target[last] = value
    return body


def onboard_in_loop(path: str, output: str) -> Callable[[], object]:
    """pandas, a Jinja template for each cell, and openpyxl: nothing is checked, remembered, sealed or compared."""
    import jinja2
    import pandas as pd

    from tests.benchmarks.hr_file import FIELDS

    def work() -> None:
        people = pd.read_excel(path, dtype=str)
        names = {"Employee No": "number", "Name": "name", "Department": "dept", "Site": "site"}
        sheets: dict[str, list[dict[str, str]]] = {sheet: [] for sheet in FIELDS}
        for number, (_index, row) in enumerate(people.rename(columns=names).iterrows()):
            given = {"extension": str(20_000 + number), "user_id": f"user{number}", "password": "Start-2026!", "code": "135790"}
            for sheet, fields in FIELDS.items():
                cells = {header: jinja2.Template(source).render(**row, **given) for header, source in fields.items()}
                sheets[sheet].append(cells)
        with pd.ExcelWriter(output) as writer:
            for sheet, rows in sheets.items():
                pd.DataFrame(rows).to_excel(writer, sheet_name=sheet, index=False)

    return work


CONTENDERS = {
    function.__name__: function
    for function in (read_with_pmbulk, read_with_calamine, read_with_pandas, send_in_loop, send_in_threads, export_in_loop, onboard_in_loop)
}


def main(name: str, *arguments: str) -> None:
    """Carry out the contender *name*."""
    work = CONTENDERS[name](*arguments)
    started = time.perf_counter()
    work()
    sys.stdout.write(f"{time.perf_counter() - started}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
