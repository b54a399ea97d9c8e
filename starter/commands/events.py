"""`darkroom order ...`: the commands that send events to an order, as signals or as updates."""

from typing import Annotated

import typer

from domain.order.messages import (
    CancelRequested,
    ConsentRecorded,
    CustomerMessage,
    EmailProvided,
    ImageReceived,
    OperationChanged,
    PaymentReceived,
    ProcessingResumed,
    QuoteSet,
    RefundRecorded,
    RequirementAdded,
    ResendRequested,
    ResultSubmitted,
    RevisionRequested,
    TransferRequested,
)
from domain.vocabulary.pictures import Operation
from starter.commands.arguments import (
    AsJson,
    By,
    Currency,
    OrderId,
    Photo,
    Reason,
    WhichPicture,
    an_address,
    an_amount,
    photo_source,
    task_of,
)
from starter.commands.cli_context import cli_context, run
from starter.commands.sending import ask, fetchable, new_event_id, send

app = typer.Typer(rich_markup_mode="markdown")

MONEY, CUSTOMER, WANTED, PICTURES, STAFF = (  # the panels in the help
    "Money", "Customer messages", "Requirements", "Pictures", "Staff decisions",
)  # fmt: skip

# ---- money -----------------------------------------------------------------------------------------------------------


@app.command(rich_help_panel=MONEY, epilog="Example: darkroom order pay ORDER_20261122_7K3F9Q --amount 18")
def pay(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[
        str | None,
        typer.Option(help="Amount received. Without it the order counts as paid and the payment is flagged."),
    ] = None,
    currency: Currency = None,
    payment_id: Annotated[
        str | None, typer.Option(help="Payment id of the platform; repeating it has no effect.")
    ] = None,
) -> None:
    """Record a payment."""
    event = PaymentReceived.model_validate({
        "event_id": new_event_id(), "payment_id": payment_id, **an_amount(amount, currency),
    })  # fmt: skip
    send(context, order, "payment_received", event, f"Payment recorded for {order}")


@app.command(
    rich_help_panel=MONEY, epilog='Example: darkroom order quote ORDER_20261122_7K3F9Q 25 --reason "a regular customer"'
)
def quote(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str, typer.Argument(help="Price of the whole order.")],
    by: Annotated[str, typer.Option(help="Who sets the price.")] = "staff",
    reason: Reason = "",
) -> None:
    """Set the price of an order, and tell the customer."""
    event = QuoteSet.model_validate({
        "event_id": new_event_id(), "set_by": by, "reason": reason, **an_amount(amount),
    })  # fmt: skip
    send(context, order, "quote_set", event, f"Price of {order} set to {amount}")


@app.command(
    rich_help_panel=MONEY,
    epilog='Example: darkroom order refund ORDER_20261122_7K3F9Q --amount 10 --reason "half was late"',
)
def refund(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str | None, typer.Option(help="Amount refunded. Default: all that was paid.")] = None,
    currency: Currency = None,
    refund_id: Annotated[
        str | None, typer.Option(help="Refund id of the platform; repeating it has no effect.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Record a refund; work on the order stops at once."""
    event = RefundRecorded.model_validate({
        "event_id": new_event_id(), "refund_id": refund_id, "reason": reason, **an_amount(amount, currency),
    })  # fmt: skip
    send(context, order, "refund_recorded", event, f"Refund recorded for {order}")


# ---- customer messages -----------------------------------------------------------------------------------------------


@app.command(rich_help_panel=CUSTOMER, epilog='Example: darkroom order say ORDER_20261122_7K3F9Q "颜色不对,脸再亮一点"')
def say(
    context: typer.Context, order: OrderId, text: Annotated[str, typer.Argument(help="What the customer wrote.")]
) -> None:
    """Send a message of the customer, which the order interprets by its rules."""
    event = CustomerMessage(event_id=new_event_id(), text=text)
    send(context, order, "customer_message", event, f"Message delivered to {order}")


@app.command(rich_help_panel=CUSTOMER, epilog="Example: darkroom order email ORDER_20261122_7K3F9Q wang@example.com")
def email(
    context: typer.Context, order: OrderId, address: Annotated[str, typer.Argument(help="E-mail address.")]
) -> None:
    """Record the customer's e-mail address; if a preview is out, the files are mailed to it."""
    event = EmailProvided(event_id=new_event_id(), email=an_address(address))
    send(context, order, "email_provided", event, f"E-mail address recorded for {order}")


@app.command(
    rich_help_panel=CUSTOMER, epilog='Example: darkroom order revise ORDER_20261122_7K3F9Q "背景再亮一点" --picture 2'
)
def revise(
    context: typer.Context,
    order: OrderId,
    wish: Annotated[str, typer.Argument(help="What to change.")],
    picture: WhichPicture = None,
) -> None:
    """Request a revision of a picture whose preview was shown."""
    event = RevisionRequested(event_id=new_event_id(), note=wish, task_id=task_of(order, picture))
    send(context, order, "revision_requested", event, f"Revision requested for {order}")


@app.command(
    rich_help_panel=CUSTOMER, epilog='Example: darkroom order consent ORDER_20261122_7K3F9Q no_ai_label "不用标AI"'
)
def consent(
    context: typer.Context,
    order: OrderId,
    kind: Annotated[str, typer.Argument(help="What the customer agreed to, e.g. no_ai_label.")],
    text: Annotated[str, typer.Argument(help="The customer's own words.")] = "",
) -> None:
    """Record that the customer agreed to something."""
    event = ConsentRecorded(event_id=new_event_id(), kind=kind, text=text)
    send(context, order, "consent_recorded", event, f"Consent recorded for {order}")


# ---- requirements ----------------------------------------------------------------------------------------------------


@app.command(
    rich_help_panel=WANTED,
    epilog='Example: darkroom order note ORDER_20261122_7K3F9Q "保留水印" --picture 2 --by customer',
)
def note(
    context: typer.Context,
    order: OrderId,
    words: Annotated[str, typer.Argument(help="The requirement.")],
    picture: WhichPicture = None,
    by: By = "staff",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Add a requirement to a picture. After payment only staff can."""
    task = task_of(order, picture)
    event = RequirementAdded(event_id=new_event_id(), task_id=task, requirement=words, changed_by=by, reason=reason)
    ask(context, order, "add_requirement", event, f"Requirement added to {task or order}: {words}", as_json=as_json)


@app.command(
    rich_help_panel=WANTED,
    epilog="Example: darkroom order operation ORDER_20261122_7K3F9Q remove_bg --reason 客户改主意了",
)
def operation(
    context: typer.Context,
    order: OrderId,
    wanted: Annotated[Operation, typer.Argument(metavar="OPERATION", help="The new operation.")],
    picture: WhichPicture = None,
    by: By = "staff",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Change the operation of a picture. After payment only staff can."""
    task = task_of(order, picture)
    event = OperationChanged(event_id=new_event_id(), task_id=task, operation=wanted, changed_by=by, reason=reason)
    ask(context, order, "change_operation", event, f"Operation of {task or order} changed to {wanted}", as_json=as_json)


@app.command(
    rich_help_panel=WANTED,
    epilog="Example: darkroom order cancel ORDER_20261122_7K3F9Q --by customer --reason 不想要了",
)
def cancel(
    context: typer.Context, order: OrderId, by: By = "staff", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Cancel an order. Once a preview is out, a customer's request needs approval by staff."""
    event = CancelRequested(event_id=new_event_id(), requested_by=by, reason=reason)
    ask(context, order, "request_cancel", event, f"{order} is cancelled", as_json=as_json)


# ---- pictures --------------------------------------------------------------------------------------------------------


@app.command(
    rich_help_panel=PICTURES,
    epilog="Example: darkroom order picture ORDER_20261122_7K3F9Q dog.jpg --operation remove_bg",
)
def picture(
    context: typer.Context,
    order: OrderId,
    photo: Photo,
    operation: Annotated[Operation | None, typer.Option(help="What to do. Default: read from the note.")] = None,
    note: Annotated[str, typer.Option(help="What the customer wrote.")] = "",
) -> None:
    """Add a picture to an unpaid order."""
    event_id = new_event_id()
    address, key = run(fetchable(cli_context(context), order, f"picture-{event_id}", photo_source(photo)))
    event = ImageReceived(event_id=event_id, image_url=address, image_key=key, note=note, operation=operation)
    send(context, order, "image_received", event, f"Picture added to {order}")


@app.command(
    rich_help_panel=PICTURES, epilog="Example: darkroom order result ORDER_20261122_7K3F9Q finished.png --picture 2"
)
def result(
    context: typer.Context,
    order: OrderId,
    photo: Photo,
    picture: WhichPicture = None,
    source: Annotated[str, typer.Option(help="Who made it.")] = "staff",
    notes: Annotated[str, typer.Option(help="Comment by its maker.")] = "",
) -> None:
    """Submit a finished picture made outside Darkroom; the customer gets a preview as usual."""
    event_id, task = new_event_id(), task_of(order, picture)
    cli, named = cli_context(context), f"result-{event_id}"
    address, key = run(fetchable(cli, order, named, photo_source(photo), is_finished=True))
    event = ResultSubmitted(
        event_id=event_id, task_id=task, result_url=address, result_key=key, notes=notes, source=source
    )
    send(context, order, "result_submitted", event, f"Result submitted for {order}")


# ---- staff decisions -------------------------------------------------------------------------------------------------


@app.command(
    rich_help_panel=STAFF, epilog='Example: darkroom order resume ORDER_20261122_7K3F9Q --reason "the payment is right"'
)
def resume(context: typer.Context, order: OrderId, picture: WhichPicture = None, reason: Reason = "") -> None:
    """Resume an order that is flagged, under review, stopped or failed; --picture takes that one from its designer."""
    task = task_of(order, picture)
    event = ProcessingResumed(event_id=new_event_id(), task_id=task, requested_by="staff", reason=reason)
    send(context, order, "processing_resumed", event, f"{order} resumed")


@app.command(
    rich_help_panel=STAFF,
    epilog='Example: darkroom order transfer ORDER_20261122_7K3F9Q --picture 2 --reason "客户要真人设计师"',
)
def transfer(context: typer.Context, order: OrderId, picture: WhichPicture = None, reason: Reason = "") -> None:
    """Hand a picture to a human designer; an unpaid one is handed over after payment."""
    event = TransferRequested(event_id=new_event_id(), task_id=task_of(order, picture), reason=reason)
    send(context, order, "transfer_requested", event, f"Transfer to a designer requested for {order}")


@app.command(rich_help_panel=STAFF, epilog="Example: darkroom order resend ORDER_20261122_7K3F9Q --reason 客户没收到")
def resend(context: typer.Context, order: OrderId, reason: Reason = "") -> None:
    """Mail the finished files again."""
    event = ResendRequested(event_id=new_event_id(), requested_by="staff", reason=reason)
    send(context, order, "resend_requested", event, f"E-mail requested again for {order}")
