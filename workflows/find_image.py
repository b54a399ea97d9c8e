"""A search for a picture: in the library first; if nothing is found, a designer may be asked."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.finding import Finding
    from domain.library import details, finding
    from domain.library.finding import FindRequest, Found, Looked, LookInput, Matches, SearchInput
    from domain.order.inbox import whole
    from domain.texts.summaries import doing
    from domain.vocabulary import ids
    from domain.vocabulary.errors import MalformedRequest
    from workflows import options
    from workflows.designers import start_dispatch
    from workflows.failures import raise_if_cancelled, reason_of


@workflow.defn
class FindImageWorkflow:
    """Find pictures by a picture, words or both, and return what the caller may see."""

    @workflow.run
    async def run(self, request: Any = None, *extra: Any) -> Found:
        """Examine the picture, search the library, and ask a designer if nothing is found."""
        asked = self.read(request, extra)
        looked = await self.look(asked)
        searched = await self.search(asked, looked)
        language = searched.language if searched.matches else looked.language
        found = Found(matches=searched.matches, refused=looked.refused)
        if not found.matches and asked.transfer_if_none and (looked.likeness or asked.has_words):
            found.transfer_id = await self.ask_a_designer(asked, looked)
        workflow.set_current_details(details.markdown(asked, found, language))
        return found

    def read(self, request: Any, extra: tuple[Any, ...]) -> FindRequest:
        """Read the request; an invalid one fails the workflow."""
        try:
            return finding.read_request(whole(request, extra))
        except MalformedRequest as error:
            raise ApplicationError(str(error), type=MalformedRequest.__name__, non_retryable=True) from error

    async def look(self, asked: FindRequest) -> Looked:
        """Return the likeness of the picture, or why it could not be fetched: that does not fail the search."""
        if not asked.has_picture:
            return Looked()
        wanted = LookInput(image_url=asked.image_url, image_key=asked.image_key)
        try:
            return await workflow.execute_activity_method(
                Finding.look, wanted, **options.EXAMINE, summary=doing("zh", "look_at_picture", self.find_id)
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            return Looked(refused=reason_of(error)[0])

    async def search(self, asked: FindRequest, looked: Looked) -> Matches:
        """Search the library. The result is empty if there is nothing to search by, or if the search fails."""
        if not (looked.likeness or asked.has_words):
            return Matches(matches=[])
        try:
            return await workflow.execute_activity_method(
                Finding.search,
                SearchInput(request=asked, likeness=looked.likeness),
                **options.FIND,
                summary=doing(looked.language, "search", self.find_id),
            )
        except ActivityError as error:
            raise_if_cancelled(error)
            looked.refused = looked.refused or reason_of(error)[0]
            return Matches(matches=[])

    async def ask_a_designer(self, asked: FindRequest, looked: Looked) -> str:
        """Start a dispatch that outlives the search, only once over all runs, and return the question's id."""
        question = finding.designer_question(self.find_id, asked, looked)
        try:
            await start_dispatch(
                question, ids.dispatch_id(question.task_id), asked.customer_id, asked.acc_id, looked.language
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("the search ran before, and a designer has been asked")
        return question.task_id

    @property
    def find_id(self) -> str:
        """The id of the search."""
        return ids.find_of(workflow.info().workflow_id)
