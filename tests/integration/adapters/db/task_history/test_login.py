"""Who may do too much is found by the doctor before a customer is."""

from typing import Any

import pytest

from adapters.db.engine import create_engine
from adapters.db.login import Login, login
from runtime.settings import Settings
from starter.commands.operating import doctor
from tests.integration.adapters.db.task_history.conftest import House


async def login_of(house: House, url: str) -> Login:
    engine = create_engine(url, house.schema)
    try:
        return await login(engine)
    finally:
        await engine.dispose()


async def test_a_login_says_what_it_may(house: House) -> None:
    assert await login_of(house, house.gateway) == Login("darkroom_gateway", False, False, True)
    assert await login_of(house, house.worker) == Login("darkroom_worker", False, False, False)
    owner = await login_of(house, house.owner)
    assert (owner.bypasses_policies, owner.owns_tables, owner.acts_for_users) == (False, True, False)
    assert (await login_of(house, house.administrator)).bypasses_policies


async def test_the_doctor_warns_of_a_login_that_no_policy_binds_in_production_only(house: House) -> None:
    def settings(url: str, environment: Any) -> Settings:
        return Settings.model_construct(database_url=url, database_schema=house.schema, environment=environment)

    assert "logged in as darkroom_gateway, also for signed-in users" in await doctor._postgres(
        settings(house.gateway, "production")
    )
    assert (await doctor._postgres(settings(house.worker, "production"))).endswith("logged in as darkroom_worker")
    for url, power in ((house.administrator, "bypasses row-level security"), (house.owner, "owns the tables")):
        assert "logged in as" in await doctor._postgres(settings(url, "development"))
        with pytest.raises(doctor.Problem) as found:
            await doctor._postgres(settings(url, "production"))
        assert power in found.value.what
        assert "database-roles.sql" in found.value.fix
