<?php
/* PHP's SoapClient: creates a lead, reads it, and is rejected with another key. See docs/simulator.md. */
[, $endpoint, $user, $secret, $email, $name] = $argv;

function authenticated(string $user, string $secret): SoapHeader {
  $stamp = gmdate('Y-m-d\TH:i:s') . '+00:00';
  return new SoapHeader('http://www.marketo.com/mktows/', 'AuthenticationHeader', (object) [
    'mktowsUserId' => $user,
    'requestSignature' => hash_hmac('sha1', $stamp . $user, $secret),
    'requestTimestamp' => $stamp,
  ]);
}

$client = new SoapClient("$endpoint?WSDL", ['cache_wsdl' => WSDL_CACHE_NONE]);
$lead = [
  'leadRecord' => ['Email' => $email, 'leadAttributeList' => ['attribute' => [['attrName' => 'LastName', 'attrValue' => $name]]]],
  'returnLead' => false,
];
$created = $client->__soapCall('syncLead', [$lead], null, authenticated($user, $secret));
print $created->result->syncStatus->status . "\n";

$key = ['leadKey' => ['keyType' => 'EMAIL', 'keyValue' => $email]];
$found = $client->__soapCall('getLead', [$key], null, authenticated($user, $secret));
$record = $found->result->leadRecordList->leadRecord;
$record = is_array($record) ? $record[0] : $record;
$attribute = $record->leadAttributeList->attribute;
print (is_array($attribute) ? $attribute[0] : $attribute)->attrValue . "\n";

try {
  $client->__soapCall('getLead', [$key], null, authenticated($user, 'another key'));
} catch (SoapFault $fault) {
  print $fault->detail->serviceException->code . "\n";
}
