"""What Temporal's Web UI shows of a search; links are left out, since they open files for whoever reads them."""

from domain import ids
from domain.finding import FindRequest, Found, Match


def summary(request: FindRequest) -> str:
    """Return in one line what is looked for."""
    wanted = [*(["what looks like a picture"] if request.has_picture else []), *request.tags, request.words]
    return f"{request.customer_id} looks for {'; '.join(filter(None, wanted))}"[:200]


def markdown(request: FindRequest, found: Found | None) -> str:
    """Tell in the Web UI how a search stands."""
    lines = [f"**{summary(request)}**"]
    if found is None:
        return "\n\n".join([*lines, "The library is searched."])
    if found.refused:
        lines.append(f"The picture could not be looked at: {found.refused}")
    lines += [_line(match) for match in found.matches] or ["Nothing was found."]
    if found.transfer_id:
        lines.append(f"Designers are asked: `{ids.dispatch_id(found.transfer_id)}`")
    return "\n\n".join(lines)


def _line(match: Match) -> str:
    far = "" if match.distance is None else f", distance {match.distance}"
    return f"- `{match.photo_id}` {match.kind}{far}{', their own' if match.is_own else ''}"
