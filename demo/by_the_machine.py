"""The first act: two photos, a revision, and the e-mail."""

from demo.act import ADDRESS, Act, everybody_knows_of_the_end, previews_of

WISHES = {"chelsea.png": "变清晰一点", "astronaut.jpg": "换底色,要蓝色背景"}
REVISION = "第一张颜色不对,再亮一点"


class ByTheMachine(Act):
    """Both pictures are made by models, one of them twice."""

    async def play(self) -> bool:
        """Play the order; return whether the e-mail arrived."""
        await self.begin("two photos, from upload to e-mail", WISHES)
        await self.pay()
        await self.until(previews_of(round_of_first=0))
        await self.say(REVISION)
        await self.until(previews_of(round_of_first=1))
        await self.say(f"可以了,发到 {ADDRESS}")
        return await self.prove(await self.until(everybody_knows_of_the_end))
