#!/usr/bin/env python3
"""A real Kafka for tests, from Maven's artifacts: fetched once, 56 jars, 46 MB.

usage: artifacts.py DIR      makes DIR complete; exit 77 if Java or the artifacts cannot be had
"""
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
PATIENCE_S = 240
ARTIFACTS = (('org.apache.kafka', 'kafka_2.13', '3.9.1'), ('org.slf4j', 'slf4j-simple', '1.7.36'))


def project():
    wishes = ''.join(f'<dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>'
                     f'<version>{version}</version></dependency>'
                     for group, name, version in ARTIFACTS)
    return ('<project><modelVersion>4.0.0</modelVersion><groupId>xunfang</groupId>'
            '<artifactId>kafka-for-tests</artifactId><version>1</version>'
            f'<dependencies>{wishes}</dependencies></project>')


def complete(folder):
    return os.path.exists(os.path.join(folder, 'complete'))


def fetch(folder):
    """True if the jars are there in the end. A fetch that breaks off leaves nothing behind."""
    if shutil.which('java') is None or shutil.which('mvn') is None:
        print('no java or no mvn', file=sys.stderr)
        return False
    with tempfile.TemporaryDirectory(dir=os.path.dirname(folder)) as work:
        with open(os.path.join(work, 'pom.xml'), 'w', encoding='utf-8') as pom:
            pom.write(project())
        jars = os.path.join(work, 'jars')
        command = ['mvn', '-q', '-B', 'dependency:copy-dependencies', f'-DoutputDirectory={jars}']
        try:
            subprocess.run(command, cwd=work, check=True, timeout=PATIENCE_S, stdout=sys.stderr)
        except (subprocess.SubprocessError, OSError) as error:
            print(error, file=sys.stderr)
            return False
        open(os.path.join(jars, 'complete'), 'w', encoding='utf-8').close()
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(jars, folder)
    return True


def ensure(folder):
    """Several tests may want it at once: one fetches, the others wait."""
    folder = os.path.abspath(folder)
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(folder + '.lock', 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return complete(folder) or fetch(folder)


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(0 if ensure(sys.argv[1]) else SKIP)
