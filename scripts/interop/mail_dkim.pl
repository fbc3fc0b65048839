# What Mail::DKIM says of the DKIM signatures of each file: one line, `algorithm=result` in order.
use strict;
use warnings;
use Mail::DKIM::DNS;
use Mail::DKIM::Verifier;
use Net::DNS::Resolver;

my ($host, $port) = split /:/, shift;
Mail::DKIM::DNS::resolver(Net::DNS::Resolver->new(nameservers => [$host], port => $port));
for my $file (@ARGV) {
    open my $mail, '<:raw', $file or die "$file: $!";
    my $verifier = Mail::DKIM::Verifier->new;
    $verifier->load($mail);
    print join(' ', sort map { ($_->algorithm // 'unknown') . '=' . $_->result } $verifier->signatures), "\n";
}
