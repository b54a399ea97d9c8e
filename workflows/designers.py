"""Starting the dispatch of a picture from its order, and telling it about every change of the picture."""

from typing import Any

from temporalio import workflow
from temporalio.common import Priority, SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import FailureError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from domain.designers import transfers
    from domain.designers.dispatch import DispatchRequest
    from domain.order.order import Order
    from domain.order.picture import Picture
    from domain.texts.catalogue import Language
    from domain.texts.summaries import doing
    from domain.vocabulary.picture_news import PictureNews
    from workflows import options
    from workflows.dispatch import DispatchWorkflow
    from workflows.failures import raise_if_cancelled
    from workflows.telling import CUSTOMER_ID, SHOP_ID


async def tell_designers(order: Order, picture: Picture) -> None:
    """Start the dispatch of a picture, or send it the picture's state. A dispatch that was terminated is recorded."""
    dispatch, dispatch_id = picture.dispatch, transfers.dispatch_id(picture)
    assert dispatch is not None
    news = transfers.picture_news(picture)
    try:
        if dispatch.told is None:
            await _begin(order, picture, news)
        else:
            await _signal(dispatch_id, news)
    except FailureError as error:
        raise_if_cancelled(error)
        transfers.on_dispatch_terminated(order, picture, dispatch, workflow.now())
        return
    transfers.mark_told(order, picture, dispatch, news, workflow.now())


async def _begin(order: Order, picture: Picture, news: PictureNews) -> None:
    """Start the child, or signal it if it is already running because the order was reset."""
    dispatch_id = transfers.dispatch_id(picture)
    try:
        await start_dispatch(
            transfers.request(order, picture),
            dispatch_id,
            order.customer_id,
            order.acc_id,
            order.language,
            options.priority(order),
        )
    except WorkflowAlreadyStartedError:
        await _signal(dispatch_id, news)


async def _signal(dispatch_id: str, news: PictureNews) -> None:
    dispatch = workflow.get_external_workflow_handle(dispatch_id)
    await dispatch.signal("picture_changed", news.model_dump(mode="json", exclude_defaults=True))


async def start_dispatch(
    request: DispatchRequest,
    dispatch_id: str,
    customer_id: str,
    shop_id: str,
    language: Language,
    priority: Priority = Priority.default,
) -> None:
    """Start a child that outlives the runs of its parent and is addressed by its id.

    Raises WorkflowAlreadyStartedError if a dispatch of this id was started before.
    """
    child = await workflow.start_child_workflow(
        DispatchWorkflow.run,
        request.model_dump(mode="json", exclude_defaults=True),
        id=dispatch_id,
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        search_attributes=attributes(customer_id, shop_id),
        static_summary=doing(language, "dispatch", request.task_id, reason=request.because),
        priority=priority,
    )
    # Nobody waits for its end. Unless its failure is read, asyncio logs it as an error when the handle is collected.
    child.add_done_callback(lambda ended: ended.cancelled() or ended.exception())


def attributes(customer_id: str, shop_id: str) -> TypedSearchAttributes:
    """Return the search attributes of a dispatch."""
    known: list[SearchAttributePair[Any]] = [
        SearchAttributePair(CUSTOMER_ID, customer_id),
        SearchAttributePair(SHOP_ID, shop_id),
    ]
    return TypedSearchAttributes(known)
