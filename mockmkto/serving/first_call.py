"""The call that a server answers itself before it says that it is ready."""

from __future__ import annotations

from mockmkto import auth
from mockmkto.errors import Code
from mockmkto.model import Call
from mockmkto.soap.contract import VERSIONS
from mockmkto.soap.server import SoapServer
from mockmkto.store.registry import Registry

__all__ = ["NotReadyError", "answer_one_call"]

_FIRST_CALL = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><AuthenticationHeader>'
    "<mktowsUserId>{user}</mktowsUserId><requestSignature>{sign}</requestSignature>"
    "<requestTimestamp>{time}</requestTimestamp></AuthenticationHeader></e:Header><e:Body>"
    '<m:paramsGetLead xmlns:m="http://www.marketo.com/mktows/"><leadKey><keyType>IDNUM</keyType>'
    "<keyValue>0</keyValue></leadKey></m:paramsGetLead></e:Body></e:Envelope>"
)


class NotReadyError(RuntimeError):
    """The server's own first call was not answered: it would not answer anybody's."""


def answer_one_call(registry: Registry) -> None:
    """One getLead, signed and answered inside, without a trace in log or journal.

    Raises:
        NotReadyError: it was answered with an error of ours.
    """
    answers: list[Call] = []
    opened = ((item, registry.get(item.subscription)) for item in registry.credentials())
    for credential, database in opened:
        if database is None or answers:
            continue
        with database.transaction() as session:
            timestamp = session.now.isoformat()
        signature = auth.sign(credential.user_id, credential.encryption_keys[0], timestamp)
        SoapServer(registry, answers.append, keep_journal=False).answer(
            VERSIONS[-1], _FIRST_CALL.format(user=credential.user_id, sign=signature, time=timestamp).encode()
        )
    for call in answers:
        if call.fault_code == Code.INTERNAL_ERROR:
            raise NotReadyError("the server's own first call was answered with an internal error: see the log")
