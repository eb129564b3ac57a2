"""Python's zeep: creates a lead, reads it, and is rejected with another key. See docs/simulator.md."""
import hashlib
import hmac
import sys
from datetime import datetime, timezone

import zeep
from zeep.exceptions import Fault

endpoint, user, secret, email, name = sys.argv[1:]
client = zeep.Client(f"{endpoint}?WSDL")
Header = client.get_element("{http://www.marketo.com/mktows/}AuthenticationHeader")


def authenticated(key):
    stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    signature = hmac.new(key.encode(), (stamp + user).encode(), hashlib.sha1).hexdigest()
    return [Header(mktowsUserId=user, requestSignature=signature, requestTimestamp=stamp)]


created = client.service.syncLead(
    leadRecord={
        "Email": email,
        "leadAttributeList": {"attribute": [{"attrName": "LastName", "attrValue": name}]},
    },
    returnLead=False,
    _soapheaders=authenticated(secret),
)
print(created.syncStatus.status)

key = {"keyType": "EMAIL", "keyValue": email}
found = client.service.getLead(leadKey=key, _soapheaders=authenticated(secret))
print(found.leadRecordList.leadRecord[0].leadAttributeList.attribute[0].attrValue)

try:
    client.service.getLead(leadKey=key, _soapheaders=authenticated("another key"))
except Fault as fault:
    print(fault.detail.find(".//code").text)
