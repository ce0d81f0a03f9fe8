"""A certificate signing request from its creation to its end, seen from any request on it."""

from typing import Final

from kwho.detect.stateful import Case, Claim, listed
from kwho.schema.moment import HOUR
from kwho.state.gained import moved
from kwho.state.things.certificates import Certificate
from kwho.state.world import Version


class FollowedCertificate:
    """Tells the whole story of one signing request, also what came after."""

    kinds = ("certificates",)
    fields: Final = {
        "certificate.commonName": "Common names that it asks for, also where this request does not tell them.",
        "certificate.organizations": "Organisations (groups) that it asks for.",
        "certificate.signerName": "The signer that it is for.",
        "certificate.requestor": "Who handed it in.",
        "certificate.approver": "Who approved it.",
        "certificate.credential": "The id that requests made with the certificate bear (`X509SHA256=…`).",
        "certificate.deletedBy": "Who deleted the signing request afterwards.",
        "certificate.usedFrom": "Addresses at which it was used; if unknown, those where its common name is new since.",
    }

    def tell(self, case: Case) -> Claim:
        """What is known of the signing request at the end of the log."""
        versions = self._life(case)
        found = [version.content for version in versions if isinstance(version.content, Certificate)]
        if not found:
            return Claim({})
        latest, last = found[-1], versions[-1]
        gone = last.told.fact.actor.effective if last.knowledge == "gone" else None
        hour = versions[0].told.sighting.time // HOUR
        places = case.presence.places(case.told.fact.thing.cluster, latest.credential)
        moves = (peer for name in latest.common_names for peer in moved(case.presence.hours(name), hour))
        used = tuple(dict.fromkeys(place.peer for place in places)) or tuple(dict.fromkeys(moves))
        life = (version.told.sighting for version in versions if version.told is not case.told)
        cites = (*life, *(place.sighting for place in places))
        return Claim(
            {
                "certificate.commonName": latest.common_names,
                "certificate.organizations": latest.organizations,
                "certificate.signerName": latest.signer,
                "certificate.requestor": latest.requestor,
                "certificate.approver": latest.approver,
                "certificate.credential": latest.credential,
                "certificate.deletedBy": gone,
                "certificate.usedFrom": listed(used),
            },
            tuple(sighting for sighting in cites if sighting.time >= 0),
        )

    def _life(self, case: Case) -> tuple[Version, ...]:
        """The versions of the signing request of this name that lived at the moment of the request."""
        life: list[Version] = []
        for version in case.world.history(case.told.fact.thing):
            if life and (life[-1].knowledge == "gone" or version.told.fact.change == "made"):
                if any(held.told is case.told for held in life):
                    break
                life = []
            life.append(version)
        return tuple(life)
