"""What an upgrade to version 3 of the tables does about the fields of leads: ids, REST names, and what was not there.

These are the standard fields as they were when version 3 was made, which later changes to the catalogue leave alone.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["STATEMENTS"]

# id:name:REST name, `!` where REST may only read; then what was not there before, with type and length, too, and an `R`
# where the REST API alone knows it.
_THERE = (
    "4:Company:company 5:Site:site 6:BillingStreet:billingStreet 7:BillingCity:billingCity "
    "8:BillingState:billingState 9:BillingCountry:billingCountry 10:BillingPostalCode:billingPostalCode "
    "11:Website:website 12:MainPhone:mainPhone 15:AnnualRevenue:annualRevenue 16:NumberOfEmployees:numberOfEmployees "
    "17:Industry:industry 18:SICCode:sicCode 52:Salutation:salutation 53:FirstName:firstName 54:MiddleName:middleName "
    "55:LastName:lastName 57:Phone:phone 58:MobilePhone:mobilePhone 59:Fax:fax 60:Title:title "
    "62:DateofBirth:dateOfBirth 63:Address:address 64:City:city 65:State:state 66:Country:country "
    "67:PostalCode:postalCode 77:EmailInvalid:emailInvalid 78:EmailInvalidCause:emailInvalidCause "
    "80:Unsubscribed:unsubscribed 81:UnsubscribedReason:unsubscribedReason 82:DoNotCall:doNotCall "
    "84:DoNotCallReason:doNotCallReason 103:AnonymousIP:anonymousIP 104:InferredCompany:inferredCompany! "
    "105:InferredCountry:inferredCountry! 106:inferredCity:inferredCity! 107:inferredStateRegion:inferredStateRegion! "
    "108:inferredPostalCode:inferredPostalCode! 109:inferredMetropolitanArea:inferredMetropolitanArea! "
    "110:inferredPhoneAreaCode:inferredPhoneAreaCode! 125:Department:department 130:createdAt:createdAt! "
    "131:updatedAt:updatedAt! 143:LeadRole:leadRole 144:LeadSource:leadSource 145:LeadStatus:leadStatus "
    "146:LeadScore:leadScore 147:urgency:urgency 148:priority:priority 149:relativeScore:relativeScore "
    "151:Rating:rating "
)
_NEW = (
    "20:MktoCompanyNotes:mktoCompanyNotes:text:30000: 41:externalCompanyId:externalCompanyId:string:50:R "
    "45:mktoName:mktoName:string:255:Rrs 46:PersonType:personType:string:50: "
    "48:mktoIsPartner:mktoIsPartner:boolean::R 49:IsLead:isLead:boolean:: 50:mktoIsCustomer:mktoIsCustomer:boolean::R "
    "51:isAnonymous:isAnonymous:boolean::R 61:Contact_Company:contactCompany:reference:255:r "
    "68:personTimeZone:personTimeZone:string:255:Rrs 70:OriginalSourceType:originalSourceType:string:255:r "
    "71:OriginalSourceInfo:originalSourceInfo:string:2000:r "
    "72:RegistrationSourceType:registrationSourceType:string:255: "
    "73:RegistrationSourceInfo:registrationSourceInfo:string:2000: "
    "74:OriginalSearchEngine:originalSearchEngine:string:255:r "
    "75:OriginalSearchPhrase:originalSearchPhrase:string:255:r 76:OriginalReferrer:originalReferrer:url:255:r "
    "83:mktoDoNotCallCause:mktoDoNotCallCause:string:255:R 85:marketingSuspended:marketingSuspended:boolean::R "
    "86:marketingSuspendedCause:marketingSuspendedCause:string:255:R 87:blackListed:blackListed:boolean::R "
    "88:blackListedCause:blackListedCause:string:255:R 89:MktoPersonNotes:mktoPersonNotes:text:30000: "
    "122:emailSuspended:emailSuspended:boolean::R 123:emailSuspendedCause:emailSuspendedCause:string:255:R "
    "124:emailSuspendedAt:emailSuspendedAt:datetime::R 132:cookies:cookies:string:255:R "
    "141:externalSalesPersonId:externalSalesPersonId:string:50:R 142:Lead_Person:leadPerson:reference:255:r "
    "150:relativeUrgency:relativeUrgency:integer::R "
    "152:Person_Primary_Lead_Interest:personPrimaryLeadInterest:reference:255:r "
    "477:Lead_Partition_ID:leadPartitionId:reference:255:r "
    "480:Lead_Revenue_Cycle_Model_ID:leadRevenueCycleModelId:reference:255:r "
    "481:Lead_Revenue_Stage_ID:leadRevenueStageId:reference:255:r "
    "511:MarketoSocialSyndicationId:syndicationId:string:255: "
    "512:MarketoSocialFacebookDisplayName:facebookDisplayName:string:255: "
    "513:MarketoSocialFacebookId:facebookId:string:255: 514:MarketoSocialFacebookPhotoURL:facebookPhotoURL:url:255: "
    "515:MarketoSocialFacebookProfileURL:facebookProfileURL:url:255: "
    "516:MarketoSocialFacebookReach:facebookReach:integer:: "
    "517:MarketoSocialFacebookReferredEnrollments:facebookReferredEnrollments:integer:: "
    "518:MarketoSocialFacebookReferredVisits:facebookReferredVisits:integer:: "
    "519:MarketoSocialGender:gender:string:255: "
    "520:MarketoSocialLastReferredEnrollment:lastReferredEnrollment:datetime:: "
    "521:MarketoSocialLastReferredVisit:lastReferredVisit:datetime:: "
    "522:MarketoSocialLinkedInDisplayName:linkedInDisplayName:string:255: "
    "523:MarketoSocialLinkedInId:linkedInId:string:255: 524:MarketoSocialLinkedInPhotoURL:linkedInPhotoURL:url:255: "
    "525:MarketoSocialLinkedInProfileURL:linkedInProfileURL:url:255: "
    "526:MarketoSocialLinkedInReach:linkedInReach:integer:: "
    "527:MarketoSocialLinkedInReferredEnrollments:linkedInReferredEnrollments:integer:: "
    "528:MarketoSocialLinkedInReferredVisits:linkedInReferredVisits:integer:: "
    "529:MarketoSocialTotalReferredEnrollments:totalReferredEnrollments:integer::rs "
    "530:MarketoSocialTotalReferredVisits:totalReferredVisits:integer::rs "
    "531:MarketoSocialTwitterDisplayName:twitterDisplayName:string:255: "
    "532:MarketoSocialTwitterId:twitterId:string:255: 533:MarketoSocialTwitterPhotoURL:twitterPhotoURL:url:255: "
    "534:MarketoSocialTwitterProfileURL:twitterProfileURL:url:255: "
    "535:MarketoSocialTwitterReach:twitterReach:integer:: "
    "536:MarketoSocialTwitterReferredEnrollments:twitterReferredEnrollments:integer:: "
    "543:MarketoSocialTwitterReferredVisits:twitterReferredVisits:integer:: "
    "609:Acquisition_Program_ID:acquisitionProgramId:reference:255:r "
    "610:mktoAcquisitionDate:mktoAcquisitionDate:date::R "
)


def _statements() -> Iterator[str]:
    yield "ALTER TABLE field ADD COLUMN id BIGINT"
    yield "ALTER TABLE field ADD COLUMN description TEXT"
    for name, usual in (
        ("hidden", "false"),
        ("html_encoded", "true"),
        ("sensitive", "false"),
        ("api_created", "false"),
    ):
        yield f"ALTER TABLE field ADD COLUMN {name} BOOLEAN NOT NULL DEFAULT {usual}"
    for text in (*_THERE.split(), *_NEW.split()):
        number, name, rest_name, *rest = text.rstrip("!").replace("_", " ").split(":")
        read_only = ", rest_read_only = true" if text.endswith("!") or "r" in "".join(rest[2:]) else ""
        yield (
            f"UPDATE field SET id = {number}, rest_name = coalesce(rest_name, '{rest_name}'){read_only} "
            f"WHERE folded_name = '{name.casefold()}'"
        )
    names = (text.replace("_", " ").split(":")[1].casefold() for text in (*_THERE.split(), *_NEW.split()))
    standard = ", ".join(f"'{name}'" for name in names)
    yield (
        "UPDATE field SET id = 1000 + (SELECT count(*) FROM field AS other WHERE other.folded_name <= "
        f"field.folded_name AND other.folded_name NOT IN ({standard})) WHERE folded_name NOT IN ({standard})"
    )
    for text in _NEW.split():
        number, name, rest_name, type_, length, flags = text.replace("_", " ").split(":")
        yield (
            "INSERT INTO field (name, folded_name, type, length, read_only, update_blocked, display_name, rest_name, "
            "rest_read_only, soap, rest, id, hidden, html_encoded, sensitive, api_created) "
            f"SELECT '{name}', '{name.casefold()}', '{type_}', {length or 'NULL'}, {_sql('s' in flags)}, false, "
            f"NULL, '{rest_name}', {_sql('r' in flags)}, {_sql('R' not in flags)}, true, {number}, "
            "false, true, false, false WHERE NOT EXISTS (SELECT 1 FROM field WHERE folded_name IN "
            f"('{name.casefold()}', '{rest_name.casefold()}') OR lower(rest_name) = '{rest_name.casefold()}')"
        )


def _sql(value: bool) -> str:
    return "true" if value else "false"


STATEMENTS = tuple(_statements())
