"""Two subscriptions side by side: what an old program and a new one left behind, and a verdict on each difference."""

from __future__ import annotations

from werkzeug.wrappers import Response

from mockmkto.migration.model import Verdict
from mockmkto.web.admin import proofs
from mockmkto.web.admin.problems import ProblemError
from mockmkto.web.admin.proofs import ComparedView, ProofView
from mockmkto.web.console.page import Page

__all__ = ["show"]

_MOST = 200  # leads and other things on the page
_CLASSES = {Verdict.UNEXPLAINED: "fault", Verdict.EXPECTED: "updated", Verdict.FORM: "updated", Verdict.SAME: "created"}
_ORDER = list(_CLASSES)  # what fails comes first


def show(page: Page) -> Response:
    """`/proof?old=A&new=B`: what differs; without both, the form that asks for them."""
    given = {name: page.request.args.get(name, "").strip() for name in ("old", "new", "pair_by", "foreign_id_field")}
    proof = None
    if given["old"] and given["new"]:
        try:
            proof = _proof(page, given)
        except ProblemError as error:
            page.refused(error)
    shown = sorted(proof.compared, key=lambda item: _ORDER.index(item.verdict)) if proof is not None else []
    return page.render(
        "proof.html",
        status=400 if page.rejected else 200,
        given=given,
        names=page.subscriptions,
        proof=proof,
        shown=[(item, _CLASSES[item.verdict], _differences(item)) for item in shown[:_MOST]],
        hidden=max(0, len(shown) - _MOST),
    )


def _proof(page: Page, given: dict[str, str]) -> ProofView:
    body: dict[str, object] = {"old": given["old"], "new": given["new"]}
    if given["pair_by"]:
        body["pair_by"] = [item.strip() for item in given["pair_by"].split(",") if item.strip()]
    if given["foreign_id_field"]:
        body["foreign_id_field"] = given["foreign_id_field"]
    return page.control_server(proofs.add, body)


def _differences(item: ComparedView) -> list[tuple[object, str]]:
    """Its differences, what fails first, each with the word for its colour."""
    found = sorted(item.differences, key=lambda difference: _ORDER.index(difference.verdict))
    return [(difference, _CLASSES[difference.verdict]) for difference in found]
