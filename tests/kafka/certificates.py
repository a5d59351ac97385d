#!/usr/bin/env python3
"""A certificate authority for a test, by openssl: an authority, brokers it vouches for, a stranger.

usage: certificates.py DIR [HOST...]

Writes into DIR: ca.pem, the authority's certificate; broker.pem, key and certificate of a broker at
each of these hosts (addresses or names; else 127.0.0.1); client.pem and client.key, of a
client called "ann"; stranger.pem, the certificate of another authority. All are good for a day.
"""
import os
import subprocess
import sys

KEY = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1')


def openssl(folder, *words):
    subprocess.run(['openssl', *words], cwd=folder, check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def make_authority(folder, name):
    openssl(folder, 'req', '-x509', *KEY, '-subj', f'/CN={name}', '-keyout', f'{name}.key',
            '-out', f'{name}.pem', '-addext', 'basicConstraints=critical,CA:TRUE',
            '-addext', 'keyUsage=critical,keyCertSign')


def make_holder(folder, name, subject, names):
    openssl(folder, 'req', '-x509', *KEY, '-subj', f'/CN={subject}', '-CA', 'ca.pem', '-CAkey',
            'ca.key', '-keyout', f'{name}.key', '-out', f'{name}.pem',
            '-addext', 'basicConstraints=critical,CA:FALSE',
            *(['-addext', 'subjectAltName=' + ','.join(names)] if names else []))


def kind(host):
    return 'IP' if host.replace('.', '').isdigit() or ':' in host else 'DNS'


def make(folder, hosts):
    os.makedirs(folder, exist_ok=True)
    make_authority(folder, 'ca')
    make_authority(folder, 'stranger')
    make_holder(folder, 'broker', 'broker', [f'{kind(host)}:{host}' for host in hosts])
    make_holder(folder, 'client', 'ann', [])
    # A broker wants its key and its certificate in one file.
    with open(os.path.join(folder, 'broker.pem'), 'a', encoding='ascii') as both, \
            open(os.path.join(folder, 'broker.key'), encoding='ascii') as key:
        both.write(key.read())


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    make(sys.argv[1], sys.argv[2:] or ['127.0.0.1'])
