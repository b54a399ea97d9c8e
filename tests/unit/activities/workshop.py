"""Production on fakes, and the request that tests give it."""

import dataclasses
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.testing import ActivityEnvironment

from activities.call_recorder import CallRecorder
from activities.checking import Checking
from activities.production import Production
from activities.speaking import Speaking
from activities.turns import Turns
from domain.attempts.work import Produced, ProduceInput
from domain.order.lineup import Lineup, Offer
from domain.ports import EncodedImage
from domain.vocabulary.costs import Costs
from domain.vocabulary.errors import (
    DarkroomError,
)
from domain.vocabulary.model_limits import ModelLimit
from domain.vocabulary.pictures import Operation
from tests.fake_records import FakeRecords
from tests.fakes import (
    COST,
    PNG,
    DefaultPhrases,
    FakeChat,
    FakeFiles,
    FakeImaging,
    FakeModel,
    FakeSettings,
    FakeVision,
)
from tests.unit.domain.making import stored

FOLDER = "task-history/c1/TASK_20261122_7K3F9Q_1"
REQUEST = ProduceInput(
    task_id="TASK_20261122_7K3F9Q_1",
    folder=FOLDER,
    attempt=1,
    original=stored(f"{FOLDER}/original.png"),
    operation=Operation.ENHANCE,
    prompt="sharper",
    aspect_ratio="4:3",
)
FIRST_CALL, SECOND_CALL = "TASK_20261122_7K3F9Q_1-A1.1", "TASK_20261122_7K3F9Q_1-A1.2"


class Workshop:
    """Production on fakes."""

    def __init__(self, patience: timedelta = timedelta()) -> None:
        self.limits: dict[str, ModelLimit] = {}  # looked up at a model's first call
        self.files, self.model, self.imaging, self.records = FakeFiles(), FakeModel(), FakeImaging(), FakeRecords()
        self.files.stored[REQUEST.original.key] = EncodedImage(b"original", PNG)
        self.stronger, self.other = FakeModel(model="fake-image-2"), FakeModel("other", "other-image")
        self.chat = FakeChat()
        self.lineup = Lineup(
            offers=[
                Offer(provider="fake", model="fake-image-1", cost=COST),
                Offer(provider="other", model="other-image"),
            ],
            cost_limit=Decimal(2),
        )
        self.settings = FakeSettings()
        self.vision = FakeVision()
        recorder = CallRecorder(self.records, Costs(), Turns(self.limits), patience=patience)
        self.production = Production(
            self.files,
            [self.model, self.stronger, self.other],
            self.imaging,
            self.records,
            recorder,
            self.lineup,
            Speaking(self.chat, DefaultPhrases(), self.files),
            Checking(self.files, self.imaging, self.vision, recorder),
            self.settings,
        )

    async def produce(self, request: ProduceInput = REQUEST, try_number: int = 1) -> Produced:
        env = ActivityEnvironment()
        env.info = dataclasses.replace(env.info, attempt=try_number)
        return await env.run(self.production.produce, request)


async def failure(workshop: Workshop, request: ProduceInput = REQUEST, try_number: int = 1) -> DarkroomError:
    with pytest.raises(DarkroomError) as raised:
        await workshop.produce(request, try_number)
    return raised.value
