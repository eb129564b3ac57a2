"""Python's suds: creates a lead, reads it, and is rejected with another key. See docs/simulator.md."""
import hashlib
import hmac
import logging
import sys
from datetime import datetime, timezone

from suds import WebFault
from suds.client import Client

logging.getLogger("suds").setLevel(logging.CRITICAL)
endpoint, user, secret, email, name = sys.argv[1:]
client = Client(f"{endpoint}?WSDL", cache=None)


def authenticate(key):
    stamp = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    header = client.factory.create("AuthenticationHeader")
    header.mktowsUserId = user
    header.requestSignature = hmac.new(key.encode(), (stamp + user).encode(), hashlib.sha1).hexdigest()
    header.requestTimestamp = stamp
    client.set_options(soapheaders=[header])


authenticate(secret)
record = client.factory.create("LeadRecord")
record.Email = email
record.leadAttributeList = client.factory.create("ArrayOfAttribute")
attribute = client.factory.create("Attribute")
attribute.attrName = "LastName"
attribute.attrValue = name
record.leadAttributeList.attribute.append(attribute)
print(client.service.syncLead(record, False).syncStatus.status)

key = client.factory.create("LeadKey")
key.keyType = "EMAIL"
key.keyValue = email
found = client.service.getLead(key)
print(found.leadRecordList.leadRecord[0].leadAttributeList.attribute[0].attrValue)

authenticate("another key")
try:
    client.service.getLead(key)
except WebFault as fault:
    print(fault.fault.detail.serviceException.code)
