"""`darkroom order ...`: everything that is sent to an order. An update is answered at once, a signal is heard later."""

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
    "Money", "The customer says", "What is wanted", "Pictures", "Staff decide",
)  # fmt: skip

# ---- money -----------------------------------------------------------------------------------------------------------


@app.command(rich_help_panel=MONEY, epilog="Example: darkroom order pay ORDER_20261122_7K3F9Q --amount 18")
def pay(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str | None, typer.Option(help="Without one it counts as paid, and is flagged.")] = None,
    currency: Currency = None,
    payment_id: Annotated[
        str | None, typer.Option(help="The platform's id: the same one twice is one payment.")
    ] = None,
) -> None:
    """Record a payment."""
    money = an_amount(amount, currency) if amount is not None else {"currency": currency}
    event = PaymentReceived.model_validate({"event_id": new_event_id(), "payment_id": payment_id, **money})
    send(context, order, "payment_received", event, f"payment recorded for {order}")


@app.command(
    rich_help_panel=MONEY, epilog='Example: darkroom order quote ORDER_20261122_7K3F9Q 25 --reason "a regular customer"'
)
def quote(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str, typer.Argument(help="Price of the whole order.")],
    by: Annotated[str, typer.Option(help="Who sets it.")] = "staff",
    reason: Reason = "",
) -> None:
    """Set the price of an order; the customer is told."""
    event = QuoteSet.model_validate({
        "event_id": new_event_id(), "set_by": by, "reason": reason, **an_amount(amount),
    })  # fmt: skip
    send(context, order, "quote_set", event, f"price of {order} set to {amount}")


@app.command(
    rich_help_panel=MONEY,
    epilog='Example: darkroom order refund ORDER_20261122_7K3F9Q --amount 10 --reason "half was late"',
)
def refund(
    context: typer.Context,
    order: OrderId,
    amount: Annotated[str | None, typer.Option(help="Without one all that was paid.")] = None,
    currency: Currency = None,
    refund_id: Annotated[str | None, typer.Option(help="The platform's id: the same one twice is one refund.")] = None,
    reason: Reason = "",
) -> None:
    """Record money that went back; work stops at once."""
    money = an_amount(amount, currency) if amount is not None else {"currency": currency}
    event = RefundRecorded.model_validate({
        "event_id": new_event_id(), "refund_id": refund_id, "reason": reason, **money,
    })  # fmt: skip
    send(context, order, "refund_recorded", event, f"refund recorded for {order}")


# ---- the customer's word ---------------------------------------------------------------------------------------------


@app.command(rich_help_panel=CUSTOMER, epilog='Example: darkroom order say ORDER_20261122_7K3F9Q "颜色不对,脸再亮一点"')
def say(
    context: typer.Context, order: OrderId, text: Annotated[str, typer.Argument(help="The customer's words.")]
) -> None:
    """Pass the customer's words on, to be read by the shop's rules."""
    event = CustomerMessage(event_id=new_event_id(), text=text)
    send(context, order, "customer_message", event, f"{order} has read the message")


@app.command(rich_help_panel=CUSTOMER, epilog="Example: darkroom order email ORDER_20261122_7K3F9Q wang@example.com")
def email(context: typer.Context, order: OrderId, address: Annotated[str, typer.Argument(help="Where to.")]) -> None:
    """Record the customer's e-mail address; with a preview out, the files are mailed."""
    event = EmailProvided(event_id=new_event_id(), email=an_address(address))
    send(context, order, "email_provided", event, f"address recorded for {order}")


@app.command(
    rich_help_panel=CUSTOMER, epilog='Example: darkroom order revise ORDER_20261122_7K3F9Q "背景再亮一点" --picture 2'
)
def revise(
    context: typer.Context,
    order: OrderId,
    wish: Annotated[str, typer.Argument(help="What is to be changed.")],
    picture: WhichPicture = None,
) -> None:
    """Ask for changes to a picture that was shown."""
    event = RevisionRequested(event_id=new_event_id(), note=wish, task_id=task_of(order, picture))
    send(context, order, "revision_requested", event, f"revision of {order} requested")


@app.command(
    rich_help_panel=CUSTOMER, epilog='Example: darkroom order consent ORDER_20261122_7K3F9Q no_ai_label "不用标AI"'
)
def consent(
    context: typer.Context,
    order: OrderId,
    kind: Annotated[str, typer.Argument(help="To what, such as no_ai_label.")],
    text: Annotated[str, typer.Argument(help="In which words.")] = "",
) -> None:
    """Record that the customer agreed to something."""
    event = ConsentRecorded(event_id=new_event_id(), kind=kind, text=text)
    send(context, order, "consent_recorded", event, f"consent recorded for {order}")


# ---- what is wanted --------------------------------------------------------------------------------------------------


@app.command(
    rich_help_panel=WANTED,
    epilog='Example: darkroom order note ORDER_20261122_7K3F9Q "保留水印" --picture 2 --by customer',
)
def note(
    context: typer.Context,
    order: OrderId,
    words: Annotated[str, typer.Argument(help="What is wanted.")],
    picture: WhichPicture = None,
    by: By = "staff",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Add a wish to a picture. After payment staff alone may."""
    task = task_of(order, picture)
    event = RequirementAdded(event_id=new_event_id(), task_id=task, requirement=words, changed_by=by, reason=reason)
    ask(context, order, "add_requirement", event, f"{task or order}: {words} is wanted as well", as_json=as_json)


@app.command(
    rich_help_panel=WANTED,
    epilog="Example: darkroom order operation ORDER_20261122_7K3F9Q remove_bg --reason 客户改主意了",
)
def operation(
    context: typer.Context,
    order: OrderId,
    wanted: Annotated[Operation, typer.Argument(metavar="OPERATION", help="What is to be done.")],
    picture: WhichPicture = None,
    by: By = "staff",
    reason: Reason = "",
    as_json: AsJson = False,
) -> None:
    """Change what is to be done to a picture. After payment staff alone may."""
    task = task_of(order, picture)
    event = OperationChanged(event_id=new_event_id(), task_id=task, operation=wanted, changed_by=by, reason=reason)
    ask(context, order, "change_operation", event, f"{task or order}: {wanted} is to be done", as_json=as_json)


@app.command(
    rich_help_panel=WANTED,
    epilog="Example: darkroom order cancel ORDER_20261122_7K3F9Q --by customer --reason 不想要了",
)
def cancel(
    context: typer.Context, order: OrderId, by: By = "staff", reason: Reason = "", as_json: AsJson = False
) -> None:
    """Cancel an order. Once a preview is out, a customer's wish waits for staff."""
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
    operation: Annotated[
        Operation | None, typer.Option(help="What is to be done; else it is read from the note.")
    ] = None,
    note: Annotated[str, typer.Option(help="The customer's words.")] = "",
) -> None:
    """Add a picture to an order that is not paid yet."""
    event_id = new_event_id()
    address, key = run(fetchable(cli_context(context), order, f"picture-{event_id}", photo_source(photo)))
    event = ImageReceived(event_id=event_id, image_url=address, image_key=key, note=note, operation=operation)
    send(context, order, "image_received", event, f"picture added to {order}")


@app.command(
    rich_help_panel=PICTURES, epilog="Example: darkroom order result ORDER_20261122_7K3F9Q finished.png --picture 2"
)
def result(
    context: typer.Context,
    order: OrderId,
    photo: Photo,
    picture: WhichPicture = None,
    source: Annotated[str, typer.Option(help="Who made it.")] = "staff",
    notes: Annotated[str, typer.Option(help="What they say of it.")] = "",
) -> None:
    """Hand in a finished picture that somebody else made; it is shown like the machine's own."""
    event_id, task = new_event_id(), task_of(order, picture)
    address, key = run(fetchable(cli_context(context), order, f"result-{event_id}", photo_source(photo)))
    event = ResultSubmitted(
        event_id=event_id, task_id=task, result_url=address, result_key=key, notes=notes, source=source
    )
    send(context, order, "result_submitted", event, f"result handed in for {order}")


# ---- staff's word ----------------------------------------------------------------------------------------------------


@app.command(
    rich_help_panel=STAFF, epilog='Example: darkroom order resume ORDER_20261122_7K3F9Q --reason "the payment is right"'
)
def resume(context: typer.Context, order: OrderId, picture: WhichPicture = None, reason: Reason = "") -> None:
    """Let an order go on past a flag, a risk, a stop or a failure, as staff; a named picture leaves its designer."""
    task = task_of(order, picture)
    event = ProcessingResumed(event_id=new_event_id(), task_id=task, requested_by="staff", reason=reason)
    send(context, order, "processing_resumed", event, f"{order} resumed")


@app.command(
    rich_help_panel=STAFF,
    epilog='Example: darkroom order transfer ORDER_20261122_7K3F9Q --picture 2 --reason "客户要真人设计师"',
)
def transfer(context: typer.Context, order: OrderId, picture: WhichPicture = None, reason: Reason = "") -> None:
    """Give a picture to a human designer; one that is not paid yet goes there once it is."""
    event = TransferRequested(event_id=new_event_id(), task_id=task_of(order, picture), reason=reason)
    send(context, order, "transfer_requested", event, f"{order} handed to a designer")


@app.command(rich_help_panel=STAFF, epilog="Example: darkroom order resend ORDER_20261122_7K3F9Q --reason 客户没收到")
def resend(context: typer.Context, order: OrderId, reason: Reason = "") -> None:
    """Mail the finished files once more."""
    event = ResendRequested(event_id=new_event_id(), requested_by="staff", reason=reason)
    send(context, order, "resend_requested", event, f"e-mail of {order} is sent again")
