# Perl's SOAP::Lite, without the WSDL: creates a lead, reads it, and is rejected with another key.
use strict;
use warnings;
use utf8;
use Digest::SHA qw(hmac_sha1_hex);
use Encode qw(decode_utf8);
use POSIX qw(strftime);
use SOAP::Lite;

binmode STDOUT, ':utf8';
my ($endpoint, $user, $secret, $email, $name) = map { decode_utf8($_) } @ARGV;
my $namespace = 'http://www.marketo.com/mktows/';

sub text { my ($name, $value) = @_; return SOAP::Data->name($name)->value($value)->type('string')->attr({}); }
sub block { my ($name, @parts) = @_; return SOAP::Data->name($name => \SOAP::Data->value(@parts)); }

sub ask {
    my ($operation, $key, @parts) = @_;
    my $stamp = strftime('%Y-%m-%dT%H:%M:%S+00:00', gmtime);
    my $header = SOAP::Header->name(
        'mkt:AuthenticationHeader' => \SOAP::Data->value(
            text(mktowsUserId => $user),
            text(requestSignature => hmac_sha1_hex($stamp . $user, $key)),
            text(requestTimestamp => $stamp)));
    my $lite = SOAP::Lite->new(autotype => 0)->proxy($endpoint)->on_action(sub { qq("$namespace$operation") })
        ->ns($namespace, 'mkt')->on_fault(sub { return $_[1] });
    $lite->serializer->encodingStyle('');
    return $lite->call(SOAP::Data->name('mkt:params' . ucfirst $operation), $header, @parts);
}

my $created = ask('syncLead', $secret,
    block(leadRecord => text(Email => $email),
        block(leadAttributeList => block(attribute => text(attrName => 'LastName'), text(attrValue => $name)))),
    text(returnLead => 'false'));
print $created->valueof('//syncStatus/status'), "\n";

my $key = block(leadKey => text(keyType => 'EMAIL'), text(keyValue => $email));
print ask('getLead', $secret, $key)->valueof('//attribute/attrValue'), "\n";
print ask('getLead', 'another key', $key)->valueof('//serviceException/code'), "\n";
