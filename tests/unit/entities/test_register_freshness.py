from __future__ import annotations

import anyio
from anyio.lowlevel import checkpoint

from pmbulk.entities.directory import Listed, Register


async def test_whoever_asks_while_a_load_is_under_way_waits_for_it():
    """
    A name that was made since the last load is found by everyone who asks for it, also by those who ask during the next load.
    """
    names = ["old"]
    answered = anyio.Event()

    async def load():
        listed = [Listed(number, name, {}) for number, name in enumerate(names, start=1)]
        if len(names) > 1:
            await answered.wait()
        return listed

    register = Register("department", load)
    assert "old" == (await register.get("old", column="department")).name
    names.append("new")
    register.changed()
    found = []

    async def ask():
        found.append((await register.get("new", column="department")).name)

    async with anyio.create_task_group() as asking:
        asking.start_soon(ask)
        await checkpoint()
        await checkpoint()
        asking.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        answered.set()
    assert ["new", "new"] == found
