"""Creates records, once for each Idempotency-Key."""

from hashlib import sha256
from uuid import UUID, uuid4

from fastapi import Request

from adapters.db.idempotency import IdempotencyKeys
from domain.task_history.records import NewTask, Task
from domain.task_history.users import User
from domain.vocabulary.errors import IdempotencyKeyReused
from gateway.task_history.context import context


async def create(request: Request, user: User, new: NewTask, key: str | None) -> Task:
    """Create a record, or return the one that the same key created. Raises QuotaSpent, IdempotencyKeyReused."""
    history = context(request)
    task_id = await _id_for(request, user, new, key) if key else None
    return await history.tasks.create(
        user, new, plan=history.plan(user), price=history.prices[new.task_type], task_id=task_id
    )


async def _id_for(request: Request, user: User, new: NewTask, key: str) -> UUID:
    """Return the id that is stored for the key, so that concurrent requests with it create one record."""
    keys: IdempotencyKeys = request.state.idempotency_keys
    scope, fingerprint = f"user {user.user_id}: records", sha256(repr(new).encode()).hexdigest()
    use = await keys.find(scope, key) or await keys.remember(scope, key, fingerprint, str(uuid4()))
    if use.fingerprint != fingerprint:
        raise IdempotencyKeyReused("this Idempotency-Key was already used for another record")
    return UUID(use.went_to)
